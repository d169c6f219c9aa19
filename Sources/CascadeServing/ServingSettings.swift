package import CascadeModels

/// How a served release is kept up with the catalog and watched.
package struct ServingSettings: Hashable, Sendable, Codable {
    /// Items that came or changed since the release and are served beside its index at most.
    package var deltaLimit = 50_000
    /// How often a server looks for them.
    package var deltaPollMilliseconds = 250
    /// Share of the searches that are searched exactly too, to measure the recall.
    package var recallSampleRate = 0.01
    /// How long counts over windows of time are taken from memory before they are read again.
    package var counterPollMilliseconds = 250
    /// Keys of such counts that are kept in memory at most.
    package var counterCache = 200_000
    /// Memory for what the ranker computes of each item once a release; with too little of it, it is computed in each request.
    package var itemPartsMegabytes = 512
    /// In what numbers the ranker's products are computed.
    package var rankerProducts = ProductChoice.auto

    private enum CodingKeys: String, CodingKey {
        case deltaLimit = "delta_limit"
        case deltaPollMilliseconds = "delta_poll_ms"
        case recallSampleRate = "recall_sample_rate"
        case counterPollMilliseconds = "counter_poll_ms"
        case counterCache = "counter_cache"
        case itemPartsMegabytes = "item_parts_mb"
        case rankerProducts = "ranker_products"
    }

    package init() {}

    /// How the models of a release are put to use.
    package var inference: InferenceOptions {
        InferenceOptions(itemBytes: itemPartsMegabytes << 20, products: rankerProducts.precision)
    }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if !(0...1_000_000).contains(deltaLimit) { found.append("serving.delta_limit must be 0 to 1000000") }
        if !(10...60_000).contains(deltaPollMilliseconds) { found.append("serving.delta_poll_ms must be 10 to 60000") }
        if !(0...1).contains(recallSampleRate) { found.append("serving.recall_sample_rate must be 0 to 1") }
        if !(0...60_000).contains(counterPollMilliseconds) {
            found.append("serving.counter_poll_ms must be 0 to 60000")
        }
        if !(0...1_000_000).contains(itemPartsMegabytes) { found.append("serving.item_parts_mb must be 0 to 1000000") }
        if !(0...10_000_000).contains(counterCache) { found.append("serving.counter_cache must be 0 to 10000000") }
        return found
    }
}
