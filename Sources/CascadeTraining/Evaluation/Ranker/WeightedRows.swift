/// The rows of one head, ready to be measured many times with weights of their users.
///
/// Users are those of a `UserBootstrap`; with all weights 1 the figures are those of `RankingMetrics`.
struct WeightedRows: Sendable {
    /// [rows] in rising order of the score.
    private let user: [Int32]
    private let label: [Bool]
    /// [rows] whether the next row has a greater score.
    private let endsTie: [Bool]
    /// [users] AUC among the user's rows; NaN for users with one outcome.
    private let ownAUC: [Double]
    /// [users] rows.
    private let ownRows: [Double]
    /// [users] sum of the negative log likelihoods.
    private let ownLoss: [Double]

    /// - Parameter users: [rows] numbers from 0, as `UserBootstrap.userOf` has them.
    init(scores: [Float], labels: [Bool], users: [Int32], userCount: Int) {
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        user = order.map { users[$0] }
        label = order.map { labels[$0] }
        endsTie = order.indices.map { $0 + 1 == order.count || scores[order[$0 + 1]] > scores[order[$0]] }
        var rows = [[Int]](repeating: [], count: userCount)
        for (row, user) in users.enumerated() { rows[Int(user)].append(row) }
        ownRows = rows.map { Double($0.count) }
        ownAUC = rows.map { own in
            RankingMetrics.auc(scores: own.map { scores[$0] }, labels: own.map { labels[$0] }) ?? .nan
        }
        ownLoss = rows.map { own in
            (RankingMetrics.logLoss(scores: own.map { scores[$0] }, labels: own.map { labels[$0] }) ?? 0)
                * Double(own.count)
        }
    }

    /// Nil where one outcome is missing.
    func auc(_ weights: [Double]) -> Double? {
        var (positives, negatives, ordered) = (0.0, 0.0, 0.0)
        var (tiedPositives, tiedNegatives) = (0.0, 0.0)
        for row in user.indices {
            let weight = weights[Int(user[row])]
            if label[row] { tiedPositives += weight } else { tiedNegatives += weight }
            guard endsTie[row] else { continue }
            ordered += tiedPositives * (negatives + tiedNegatives / 2)
            positives += tiedPositives
            negatives += tiedNegatives
            (tiedPositives, tiedNegatives) = (0, 0)
        }
        return positives > 0 && negatives > 0 ? ordered / (positives * negatives) : nil
    }

    /// Nil where no user has both outcomes.
    func groupedAUC(_ weights: [Double]) -> Double? {
        var (sum, rows) = (0.0, 0.0)
        for user in weights.indices where !ownAUC[user].isNaN {
            sum += weights[user] * ownRows[user] * ownAUC[user]
            rows += weights[user] * ownRows[user]
        }
        return rows > 0 ? sum / rows : nil
    }

    /// Nil for no rows.
    func logLoss(_ weights: [Double]) -> Double? {
        var (sum, rows) = (0.0, 0.0)
        for user in weights.indices {
            sum += weights[user] * ownLoss[user]
            rows += weights[user] * ownRows[user]
        }
        return rows > 0 ? sum / rows : nil
    }
}
