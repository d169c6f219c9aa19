package import CascadeFeatures
package import CascadeIndex
package import CascadeModels
import Foundation

/// How an index is built, when it is good enough to be served, and how it is kept up with the catalog.
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
    /// Items that came or changed since the release and are served beside its index at most.
    package var deltaLimit = 50_000
    /// How often a server looks for them.
    package var deltaPollMilliseconds = 250
    /// Share of the searches that are searched exactly too, to measure the recall.
    package var recallSampleRate = 0.01

    private enum CodingKeys: String, CodingKey {
        case m
        case efConstruction = "ef_construction"
        case efSearch = "ef_search"
        case storage
        case minimumRecall = "minimum_recall"
        case deltaLimit = "delta_limit"
        case deltaPollMilliseconds = "delta_poll_ms"
        case recallSampleRate = "recall_sample_rate"
    }

    package init() {}

    func parameters() throws(IndexError) -> HNSWParameters {
        try HNSWParameters(m: m, efConstruction: efConstruction, efSearch: efSearch, storage: storage)
    }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        do throws(IndexError) { _ = try parameters() } catch { found.append("index: \(error)") }
        if !(0...1).contains(minimumRecall) { found.append("index.minimum_recall must be 0 to 1") }
        if !(0...1_000_000).contains(deltaLimit) { found.append("index.delta_limit must be 0 to 1000000") }
        if !(10...60_000).contains(deltaPollMilliseconds) { found.append("index.delta_poll_ms must be 10 to 60000") }
        if !(0...1).contains(recallSampleRate) { found.append("index.recall_sample_rate must be 0 to 1") }
        return found
    }
}

/// Everything that a training run can be told.
package struct TrainingSettings: Hashable, Sendable, Codable {
    package var features = FeatureSettings()
    package var retrieval = RetrievalSettings()
    package var ranker = RankerSettings()
    package var index = IndexSettings()
    /// Fixes everything that is trained; the same data, seed and thread count give the same bits.
    package var seed: UInt64 = 1
    /// Threads; 0 takes all cores.
    package var threads = 0

    package init() {}

    /// The threads that are meant: all cores for 0.
    package var threadCount: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found = features.problems() + retrieval.problems() + ranker.problems() + index.problems()
        if !(0...256).contains(threads) { found.append("threads must be 0 (all cores) to 256") }
        return found
    }
}
