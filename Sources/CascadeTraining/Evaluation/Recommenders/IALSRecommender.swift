import CascadeFeatures
import CascadeModels

/// Matrix factorization by implicit alternating least squares; a user's vector is solved from the frozen past.
struct IALSRecommender: CandidateRecommender {
    let name = "ials"
    private let data: EvaluationData
    private let signal: Int
    private let model: ImplicitALS

    init(_ data: EvaluationData, signal: Int) throws {
        self.data = data
        self.signal = signal
        model = try ImplicitALS(
            itemsOfUsers: PastItems.all(data, signal: signal), items: data.bundle.rows.items.count,
            settings: ImplicitALS.Settings())
    }

    func scores(for task: RetrievalTask) throws -> [Float] {
        try model.scores(data.log.distinctItems(of: task.user, end: task.historyEnd, signal: signal))
    }
}
