import CascadeFeatures
import CascadeModels

/// The linear autoencoder of low rank; a user's vector is a sum over the frozen past.
struct SpectralRecommender: CandidateRecommender {
    let name = "spectral"
    private let data: EvaluationData
    private let signal: Int
    private let model: SpectralFactorization

    init(_ data: EvaluationData, signal: Int) throws {
        self.data = data
        self.signal = signal
        let items = data.bundle.rows.items.count
        let past = PastItems.all(data, signal: signal)
        model = try SpectralFactorization(
            itemsOfUsers: past, items: items, settings: .automatic(users: past.count { !$0.isEmpty }, items: items))
    }

    func scores(for task: RetrievalTask) -> [Float] {
        model.scores(data.log.distinctItems(of: task.user, end: task.historyEnd, signal: signal))
    }
}
