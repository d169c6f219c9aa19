/// How good the probabilities of one head are on some rows.
package struct RankerFigures: Sendable, Codable, Equatable {
    package let rows: Int
    package let positives: Int
    package let users: Int
    package let rate: Double
    package let meanPrediction: Double
    package let auc: Double?
    /// By a bootstrap over users; nil where none was asked for.
    package let aucInterval: Interval?
    package let logLoss: Double?
    /// AUC within users who have both outcomes, weighted by their rows.
    package let groupedAUC: Double?
    package let groupedAUCInterval: Interval?
    /// Users who have both outcomes.
    package let groups: Int
    package let reliability: Reliability

    private enum CodingKeys: String, CodingKey {
        case rows, positives, users, rate, meanPrediction, auc, aucInterval, logLoss, groups, reliability
        case groupedAUC = "groupedAuc"
        case groupedAUCInterval = "groupedAucInterval"
    }

    package init(_ head: HeadRows, bootstrap options: BootstrapOptions) throws {
        let bootstrap = UserBootstrap(users: head.users, options: options)
        let grouped = RankingMetrics.groupedAUC(scores: head.scores, labels: head.labels, groups: head.users)
        let count = Double(max(1, head.count))
        rows = head.count
        positives = head.positives
        users = bootstrap.users
        rate = Double(head.positives) / count
        meanPrediction = head.scores.reduce(0) { $0 + Double($1) } / count
        auc = RankingMetrics.auc(scores: head.scores, labels: head.labels)
        logLoss = RankingMetrics.logLoss(scores: head.scores, labels: head.labels)
        groupedAUC = grouped?.auc
        groups = grouped?.groups ?? 0
        reliability = Reliability(scores: head.scores, labels: head.labels)
        guard options.draws > 0, head.count > 0 else {
            (aucInterval, groupedAUCInterval) = (nil, nil)
            return
        }
        let weighted = WeightedRows(
            scores: head.scores, labels: head.labels, users: bootstrap.userOf, userCount: bootstrap.users)
        let drawn = try bootstrap.draws { draw in
            let weights = bootstrap.weights(draw)
            return (auc: weighted.auc(weights), grouped: weighted.groupedAUC(weights))
        }
        aucInterval = auc == nil ? nil : Interval(draws: drawn.map(\.auc))
        groupedAUCInterval = groupedAUC == nil ? nil : Interval(draws: drawn.map(\.grouped))
    }
}

/// What calibration changes.
package struct CalibrationFigures: Sendable, Codable, Equatable {
    package let meanPrediction: Double
    package let logLoss: Double?
    package let reliability: Reliability

    package init(_ head: HeadRows) {
        meanPrediction = head.scores.reduce(0) { $0 + Double($1) } / Double(max(1, head.count))
        logLoss = RankingMetrics.logLoss(scores: head.scores, labels: head.labels)
        reliability = Reliability(scores: head.scores, labels: head.labels)
    }
}
