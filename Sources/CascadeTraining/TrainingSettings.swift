package import CascadeFeatures
package import CascadeIndex
package import CascadeModels
import Foundation

/// How an index is built and when it is good enough to be served.
package struct IndexSettings: Hashable, Sendable, Codable {
    /// Links of a vector in the graph.
    package var m = 16
    /// Candidates an insertion looks at.
    package var efConstruction = 100
    /// Candidates a search keeps.
    package var efSearch = 256
    /// What a search reads the vectors as.
    package var storage = VectorStorage.float32
    /// A release whose index finds fewer of the true first 100 is not activated.
    package var minimumRecall = 0.95

    private enum CodingKeys: String, CodingKey {
        case m
        case efConstruction = "ef_construction"
        case efSearch = "ef_search"
        case storage
        case minimumRecall = "minimum_recall"
    }

    package init() {}

    func parameters() throws(IndexError) -> HNSWParameters {
        try HNSWParameters(m: m, efConstruction: efConstruction, efSearch: efSearch, storage: storage)
    }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        do throws(IndexError) {
            _ = try parameters()
        } catch {
            found.append(Self.text(of: error))
        }
        if !(0...1).contains(minimumRecall) { found.append("index.minimum_recall must be 0 to 1") }
        return found
    }

    /// By the name that a parameter has in the configuration.
    private static func text(of error: IndexError) -> String {
        guard case .invalidParameter(let name, let value, let allowed) = error else { return "index: \(error)" }
        let key: CodingKeys? = ["efConstruction": .efConstruction, "efSearch": .efSearch][name]
        return "index.\(key?.rawValue ?? name) is \(value), it must be \(allowed)"
    }
}

/// Everything that a training run can be told.
package struct TrainingSettings: Hashable, Sendable, Codable {
    package var features = FeatureSettings()
    package var retrieval = RetrievalSettings()
    package var ranker = RankerSettings()
    package var interests = InterestSettings()
    package var index = IndexSettings()
    package var promotion = PromotionSettings()
    /// Fixes everything that is trained; the same data, seed and thread count give the same bits.
    package var seed: UInt64 = 1
    /// Threads; 0 takes all cores.
    package var threads = 0
    /// Minutes of training after which it is kept how far it is, again and again; 0: never.
    package var checkpointMinutes = 10.0
    /// Epochs of each model of a training that goes on from the active release.
    package var warmEpochs = 1
    /// What the learning rates of such a training are multiplied by.
    package var warmRate = 0.3
    /// Minutes before the end of what the release has read that such a training learns from again: feedback comes late.
    package var warmOverlapMinutes = 60.0

    package init() {}

    /// The threads that are meant: all cores for 0.
    package var threadCount: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

    /// How often it is kept how far training is; nil: never.
    var checkpointInterval: Duration? { checkpointMinutes > 0 ? .seconds(checkpointMinutes * 60) : nil }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found = features.problems() + retrieval.problems() + ranker.problems()
        found += ranker.problems(readsTimes: features.times) + ranker.problems(retrieval: retrieval)
        found += interests.problems() + index.problems() + promotion.problems()
        if interests.enabled, UserEncoders.givesInterests(retrieval.userTower) {
            found.append(
                "interests.enabled needs a user tower of one vector; retrieval.user_tower '\(retrieval.userTower)' has several"
            )
        }
        if !(1...10_000).contains(warmEpochs) { found.append("training.warm_epochs must be 1 to 10000") }
        if !(warmRate > 0 && warmRate <= 10) { found.append("training.warm_rate must be above 0 and at most 10") }
        if !(0...1_000_000).contains(warmOverlapMinutes) {
            found.append("training.warm_overlap_minutes must be 0 to 1000000")
        }
        if !(0...10_000).contains(checkpointMinutes) {
            found.append("training.checkpoint_minutes must be 0 (never) to 10000")
        }
        if !(0...256).contains(threads) { found.append("training.threads must be 0 (all cores) to 256") }
        return found
    }
}
