import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// The clusters of a training run and the model over them: divide, then train from the retrieval model on.
struct InterestTraining {
    let settings: TrainingSettings
    /// Where a killed training is taken up, and this one is kept.
    var checkpoints: TrainingCheckpoints?

    /// What came out.
    struct Trained {
        let store: ParameterStore
        let inference: InterestInference
        let clusters: ItemClusters
        let summary: TrainingSummary

        /// The model in use.
        func model(_ settings: InterestSettings) -> InterestModel {
            InterestModel(clusters: clusters, settings: settings, inference: inference)
        }
    }

    /// Nil where the settings ask for no interests.
    func train(
        _ data: TrainingData, _ retrieval: (model: any RetrievalModel, store: ParameterStore),
        report: @escaping @Sendable (TrainingReport) -> Void
    ) throws -> Trained? {
        guard settings.interests.enabled else { return nil }
        report(.step("dividing the catalog into clusters"))
        let items = data.rows.items.count
        let single = RetrievalInference(
            model: retrieval.model, map: data.map, store: retrieval.store, catalog: data.retrievalItems)
        let vectors = try single.itemVectors(rows: 0..<items)
        let found = try ClusterBuild(
            settings: settings.interests, seed: settings.seed, threads: settings.threadCount
        ).assign(data, itemVectors: vectors, dimension: single.dimension)
        report(.step("\(ClusterSizes(found.assignments, count: found.count))"))
        let trained = try InterestTrainer(
            settings: settings.interests, retrieval: settings.retrieval, seed: settings.seed,
            workers: settings.threadCount
        ).train(
            data, start: retrieval.store, clusters: found.assignments, count: found.count,
            progress: { report(.progress($0)) },
            checkpoint: checkpoints?.stage("interests", seed: settings.seed))
        report(.trained("interests", trained.summary))
        let inference = InterestInference(
            towers: trained.towers, map: data.map, store: trained.store, catalog: data.retrievalItems)
        let clusters = ItemClusters(
            count: trained.towers.clusters, assignments: found.assignments,
            vectors: try inference.itemVectors(rows: 0..<items), dimension: inference.dimension, names: found.names)
        return Trained(store: trained.store, inference: inference, clusters: clusters, summary: trained.summary)
    }
}
