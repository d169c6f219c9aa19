import CascadeFeatures
import CascadeModels

/// The ranker's figures for one head over an evaluated period.
package struct HeadMetrics: Sendable, Codable, Equatable {
    package let head: String
    package let rows: Int
    package let rate: Double
    package let meanPrediction: Double
    package let auc: Double?
    package let logLoss: Double?
    /// AUC within users who have both outcomes, weighted by their rows.
    package let groupedAUC: Double?
    package let groups: Int
}

/// Scores the impressions of a period through the very path that serves requests.
package enum RankerEvaluation {
    private struct Scored: Sendable {
        var user: Int32
        var observed: UInt32
        var positives: UInt32
        var probabilities: [Float]
    }

    /// One a head; none for a release without a ranker.
    package static func run(_ data: EvaluationData, history: HistoryMode) throws -> [HeadMetrics] {
        guard data.bundle.ranker != nil else { return [] }
        let scored = try parallelUsers(data.users.count) { try score(data, user: $0, history) }.flatMap { $0 }
        return data.bundle.map.heads.enumerated().map { metrics(scored, head: $0.offset, name: $0.element) }
    }

    private static func score(
        _ data: EvaluationData, user: Int, _ history: HistoryMode
    ) throws -> [Scored] {
        let rows = data.evaluatedRows(of: user).filter { data.log.isImpression[$0] && data.log.observed[$0] != 0 }
        guard !rows.isEmpty else { return [] }
        switch history {
        case .frozen:
            return try score(data, user, rows: rows, historyEnd: data.log.firstRow(of: user, at: data.from))
        case .rolling:
            return try rows.flatMap {
                try score(data, user, rows: [$0], historyEnd: data.log.historyEnd(of: $0), rolling: $0)
            }
        }
    }

    private static func score(
        _ data: EvaluationData, _ user: Int, rows: [Int], historyEnd: Int, rolling: Int? = nil
    ) throws -> [Scored] {
        let log = data.log
        let heads = data.bundle.map.heads.count
        let items = rows.map { log.item[$0] }
        let probabilities =
            try data.probabilities(of: items, user: user, historyEnd: historyEnd, rolling: rolling) ?? []
        return rows.enumerated().map { index, row in
            Scored(
                user: Int32(user), observed: log.observed[row], positives: log.positives[row],
                probabilities: Array(probabilities[(index * heads)..<((index + 1) * heads)]))
        }
    }

    private static func metrics(_ scored: [Scored], head: Int, name: String) -> HeadMetrics {
        let bit = UInt32(1) << UInt32(head)
        let rows = scored.filter { $0.observed & bit != 0 }
        let scores = rows.map { $0.probabilities[head] }
        let labels = rows.map { $0.positives & bit != 0 }
        let grouped = RankingMetrics.groupedAUC(scores: scores, labels: labels, groups: rows.map(\.user))
        let count = Double(max(1, rows.count))
        return HeadMetrics(
            head: name, rows: rows.count, rate: Double(labels.count { $0 }) / count,
            meanPrediction: scores.reduce(0) { $0 + Double($1) } / count,
            auc: RankingMetrics.auc(scores: scores, labels: labels),
            logLoss: RankingMetrics.logLoss(scores: scores, labels: labels), groupedAUC: grouped?.auc,
            groups: grouped?.groups ?? 0)
    }
}
