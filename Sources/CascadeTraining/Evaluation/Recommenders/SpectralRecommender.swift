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

    func scores(for task: RetrievalTask) throws -> [Float] { try scores(for: [task])[0] }

    func scores(for tasks: ArraySlice<RetrievalTask>) throws -> [[Float]] {
        let users = tasks.map {
            model.userVector(data.log.distinctItems(of: $0.user, end: $0.historyEnd, signal: signal))
        }
        return VectorScores.best(model.outputs, users: users, model.rank)
    }
}
