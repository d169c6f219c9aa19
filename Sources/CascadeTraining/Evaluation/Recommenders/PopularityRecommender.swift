import CascadeFeatures
import CascadeModels

/// Items by the number of users who gave the signal before the period.
struct PopularityRecommender: CandidateRecommender {
    let name = "popularity"
    private let counts: [Float]

    init(_ data: EvaluationData, signal: Int) {
        counts = PastItems.counts(data, signal: signal)
    }

    func scores(for task: RetrievalTask) -> [Float] { counts }
}

/// The distinct items of each user's past: those with the signal, or all that were shown.
enum PastItems {
    static func all(_ data: EvaluationData, signal: Int?) -> [[Int32]] {
        data.users.indices.map { user in
            data.log.distinctItems(of: user, end: data.log.firstRow(of: user, at: data.from), signal: signal)
        }
    }

    /// [items] the users who gave the signal before the period.
    static func counts(_ data: EvaluationData, signal: Int?) -> [Float] {
        var counts = [Float](repeating: 0, count: data.bundle.rows.items.count)
        for items in all(data, signal: signal) { for item in items { counts[Int(item)] += 1 } }
        return counts
    }
}
