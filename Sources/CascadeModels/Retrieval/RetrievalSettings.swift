/// The sizes and the training of the retrieval model.
package struct RetrievalSettings: Hashable, Sendable, Codable {
    /// Which retrieval model, by name.
    package var model = "two_tower"
    /// Floats of a user's and an item's vector.
    package var dimension = 64
    /// Width of the user tower's hidden layer.
    package var hidden = 128
    /// Logits are cosines divided by it.
    package var temperature = 0.07
    /// Weight of an impression without positive feedback as a training target; one with feedback weighs 1.
    package var impressionWeight = 0.3
    /// Share of history steps that are dropped in training.
    package var historyDropout = 0.2
    /// Uniform negatives that each worker adds to those of its batch.
    package var uniformNegatives = 1024
    package var batchSize = 2048
    package var epochs = 3
    package var learningRate = 2e-3
    package var warmupSteps = 100

    private enum CodingKeys: String, CodingKey {
        case model
        case dimension
        case hidden
        case temperature
        case impressionWeight = "impression_weight"
        case historyDropout = "history_dropout"
        case uniformNegatives = "uniform_negatives"
        case batchSize = "batch_size"
        case epochs
        case learningRate = "learning_rate"
        case warmupSteps = "warmup_steps"
    }

    package init() {}

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if !(4...1024).contains(dimension) { found.append("retrieval.dimension must be 4 to 1024") }
        if !(4...4096).contains(hidden) { found.append("retrieval.hidden must be 4 to 4096") }
        if !(temperature > 0.001 && temperature <= 10) { found.append("retrieval.temperature must be 0.001 to 10") }
        if !(0...1).contains(impressionWeight) { found.append("retrieval.impression_weight must be 0 to 1") }
        if !(0..<1).contains(historyDropout) { found.append("retrieval.history_dropout must be 0 to below 1") }
        if !(0...1_000_000).contains(uniformNegatives) { found.append("retrieval.uniform_negatives must be 0 or more") }
        if !(2...1_000_000).contains(batchSize) { found.append("retrieval.batch_size must be 2 or more") }
        if !(1...1000).contains(epochs) { found.append("retrieval.epochs must be 1 to 1000") }
        if !(learningRate > 0 && learningRate <= 1) {
            found.append("retrieval.learning_rate must be above 0, at most 1")
        }
        if warmupSteps < 0 { found.append("retrieval.warmup_steps must be 0 or more") }
        return found
    }
}
