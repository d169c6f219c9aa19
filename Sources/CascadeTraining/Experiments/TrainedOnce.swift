import CascadeFeatures
import CascadeModels
import CascadeNN

/// What the run before trained, for the next one that would train the same again: runs often differ in the ranker alone, or in what stands
/// beside the towers.
struct TrainedOnce {
    typealias Retrieval = (
        trained: (model: any RetrievalModel, store: ParameterStore), curve: [ExperimentResult.Point]
    )

    /// What decides about a training of the towers.
    private struct Key: Hashable {
        let features: FeatureSettings
        let retrieval: RetrievalSettings
        /// False where the towers stay as they begin.
        let isTrained: Bool
        let seed: UInt64
        let threads: Int
    }

    private var towers: (key: Key, retrieval: Retrieval)?
    private var autoencoder: (key: Key, linear: LinearAutoencoder?)?

    /// The towers of the settings, which `train` trains where the run before had others.
    ///
    /// - Parameter isTrained: false where they are only made.
    mutating func retrieval(
        _ settings: TrainingSettings, isTrained: Bool, _ train: () throws -> Retrieval
    ) rethrows -> Retrieval {
        let key = Self.key(settings, isTrained: isTrained) {
            ($0.linearRank, $0.linearItemExponent, $0.linearWeight) = (0, 0.5, 1)
        }
        if let towers, towers.key == key { return towers.retrieval }
        // Before the next is made, so that there are never two.
        towers = nil
        let trained = try train()
        towers = (key, trained)
        return trained
    }

    /// The linear autoencoder of the settings, which `fit` fits where the run before had another.
    mutating func linear(
        _ settings: TrainingSettings, _ fit: () throws -> LinearAutoencoder?
    ) rethrows -> LinearAutoencoder? {
        let key = Self.key(settings, isTrained: true) {
            let former = $0
            $0 = RetrievalSettings()
            ($0.linearRank, $0.linearItemExponent) = (former.linearRank, former.linearItemExponent)
        }
        if let autoencoder, autoencoder.key == key { return autoencoder.linear }
        autoencoder = nil
        let fitted = try fit()
        autoencoder = (key, fitted)
        return fitted
    }

    private static func key(
        _ settings: TrainingSettings, isTrained: Bool, _ change: (inout RetrievalSettings) -> Void
    ) -> Key {
        var retrieval = settings.retrieval
        change(&retrieval)
        return Key(
            features: settings.features, retrieval: retrieval, isTrained: isTrained, seed: settings.seed,
            threads: settings.threadCount)
    }
}
