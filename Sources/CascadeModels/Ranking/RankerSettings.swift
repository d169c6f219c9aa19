/// The sizes and the training of the ranker.
package struct RankerSettings: Hashable, Sendable, Codable {
    /// Which ranking model, by name.
    package var model = "dcn"
    /// Columns that each number becomes.
    package var numericWidth = 8
    /// Width of queries, keys and values of the attention over the past.
    package var historyWidth = 32
    package var historyHeads = 2
    package var crossLayers = 2
    /// Rank of the cross layers' matrices; 0: full.
    package var crossRank = 64
    /// Widths of the deep network's layers.
    package var deep = [256, 128]
    package var dropout = 0.3
    package var batchSize = 1024
    package var epochs = 2
    package var learningRate = 1e-3
    package var warmupSteps = 100
    /// Decoupled weight decay of the embedding tables.
    package var tableDecay = 1e-4
    package var clipNorm = 5.0
    /// Loss weight of each head; a head that is not named gets `min(1, max(0.1, 10 × its rate))`.
    package var lossWeights: [String: Double] = [:]

    private enum CodingKeys: String, CodingKey {
        case model
        case numericWidth = "numeric_width"
        case historyWidth = "history_width"
        case historyHeads = "history_heads"
        case crossLayers = "cross_layers"
        case crossRank = "cross_rank"
        case deep
        case dropout
        case batchSize = "batch_size"
        case epochs
        case learningRate = "learning_rate"
        case warmupSteps = "warmup_steps"
        case tableDecay = "table_decay"
        case clipNorm = "clip_norm"
        case lossWeights = "loss_weights"
    }

    package init() {}

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if !(1...256).contains(numericWidth) { found.append("ranker.numeric_width must be 1 to 256") }
        if !(1...1024).contains(historyWidth) { found.append("ranker.history_width must be 1 to 1024") }
        if historyHeads < 1 || historyWidth % max(1, historyHeads) != 0 {
            found.append("ranker.history_heads must divide ranker.history_width")
        }
        if !(0...16).contains(crossLayers) { found.append("ranker.cross_layers must be 0 to 16") }
        if !(0...4096).contains(crossRank) { found.append("ranker.cross_rank must be 0 (full) to 4096") }
        if deep.isEmpty || deep.contains(where: { !(1...8192).contains($0) }) {
            found.append("ranker.deep needs at least one width, each 1 to 8192")
        }
        if !(0..<1).contains(dropout) { found.append("ranker.dropout must be 0 to below 1") }
        if !(2...1_000_000).contains(batchSize) { found.append("ranker.batch_size must be 2 or more") }
        if !(1...1000).contains(epochs) { found.append("ranker.epochs must be 1 to 1000") }
        if !(learningRate > 0 && learningRate <= 1) { found.append("ranker.learning_rate must be above 0, at most 1") }
        if warmupSteps < 0 { found.append("ranker.warmup_steps must be 0 or more") }
        if !(0...1).contains(tableDecay) { found.append("ranker.table_decay must be 0 to 1") }
        if !(clipNorm > 0) { found.append("ranker.clip_norm must be above 0") }
        for (head, weight) in lossWeights where !(weight >= 0 && weight <= 1000) {
            found.append("ranker.loss_weights.\(head) must be 0 to 1000")
        }
        return found
    }

    /// The loss weight of a head whose rate in training is `rate`.
    package func lossWeight(of head: String, rate: Double) -> Double {
        lossWeights[head] ?? min(1, max(0.1, 10 * rate))
    }
}
