import CascadeCore
import CascadeFeatures
import CascadeModels

/// Matrix factorization with Bayesian personalised ranking: the retrieval trainer with users and items told by their
/// identifiers alone.
struct BPRRecommender: CandidateRecommender {
    let name = "bpr_mf"
    private let items: [Float]
    private let users: [[Float]]
    private let isKnown: [Bool]

    /// The same on every machine, so that the figures are.
    private static let workers = 2

    /// - Parameter log: interactions; those before the period that gave the signal are learned.
    init(_ data: EvaluationData, log: InteractionLog, signal: Int) throws {
        var settings = RetrievalSettings()
        settings.userTower = "features"
        settings.userID = true
        settings.loss = "bpr"
        settings.inBatchNegatives = false
        settings.temperature = 0.1
        settings.idDropout = 0
        settings.learningRate = 0.02
        settings.epochs = 20
        var features = FeatureSettings()
        features.schema = FeatureSchema(
            categorical: [CategoricalFeature(entity: .item, source: .id, lookups: 2)], numeric: [], counters: [])
        let name = data.bundle.map.historySignals[signal]
        let bit = log.mask(of: name)
        let past = data.heldOut.withheld(from: log)
        let training = try TrainingData(
            period: Period(), log: past.rows { past.feedback[$0] & bit != 0 }, users: data.users,
            items: data.bundle.rows.items, definitions: [], settings: features, retrieval: settings)
        let trained = try RetrievalTrainer(settings: settings, seed: 1, workers: Self.workers).train(training)
        let model = RetrievalInference(
            model: trained.model, map: training.map, store: trained.store, catalog: training.retrievalItems)
        isKnown = PastItems.all(data, signal: signal).map { !$0.isEmpty }
        items = try model.itemVectors(rows: 0..<data.bundle.rows.items.count)
        users = try (0..<data.users.count).map { user in
            try HistorySlice.lend(items: [], codes: []) {
                try model.userVector(users: training.retrievalUsers, row: user, history: $0)
            }
        }
    }

    /// Zeros for a user that training did not meet, whose vector is chance.
    func scores(for task: RetrievalTask) -> [Float] {
        isKnown[task.user] ? VectorScores.all(items, users[task.user]) : [Float](repeating: 0, count: itemCount)
    }

    private var itemCount: Int { items.count / max(1, users.first?.count ?? 1) }
}
