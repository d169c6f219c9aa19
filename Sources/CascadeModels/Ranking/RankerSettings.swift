/// The sizes and the training of the ranker.
package struct RankerSettings: Hashable, Sendable, Codable {
    /// Columns that each number becomes.
    package var numericWidth = 8
    /// What a row takes of the past, by name.
    package var history = "attention"
    /// Columns of a step of the past.
    package var historyWidth = 32
    package var historyHeads = 2
    /// Blocks of a history encoder that is a transformer, and their dropout.
    package var historyLayers = 1
    package var historyDropout = 0.1
    /// How fields meet, by name.
    package var interaction = "cross"
    package var structure = RankerStructure.stacked
    package var crossLayers = 2
    /// Rank of the cross layers' matrices; 0: full.
    package var crossRank = 64
    /// Experts of each layer of the mixture of cross layers.
    package var crossExperts = 4
    /// Widths of a deep network's layers.
    package var deep = [256, 128]
    /// What these layers are to each other, by name.
    package var deepForm = "mlp"
    package var normalization = NormalizationKind.none
    package var dropout = 0.3
    /// How heads share the deep networks, by name.
    package var tasks = "shared"
    /// Deep networks of a mixture.
    package var experts = 4
    /// Widths of layers that each head has of its own.
    package var tower: [Int] = []
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
        case numericWidth = "numeric_width"
        case history
        case historyWidth = "history_width"
        case historyHeads = "history_heads"
        case historyLayers = "history_layers"
        case historyDropout = "history_dropout"
        case interaction
        case structure
        case crossLayers = "cross_layers"
        case crossRank = "cross_rank"
        case crossExperts = "cross_experts"
        case deep
        case deepForm = "deep_form"
        case normalization
        case dropout
        case tasks
        case experts
        case tower
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
        if !(1...16).contains(historyLayers) { found.append("ranker.history_layers must be 1 to 16") }
        if !(0..<1).contains(historyDropout) { found.append("ranker.history_dropout must be 0 to below 1") }
        if !(0...16).contains(crossLayers) { found.append("ranker.cross_layers must be 0 to 16") }
        if !(0...4096).contains(crossRank) { found.append("ranker.cross_rank must be 0 (full) to 4096") }
        if !(1...64).contains(crossExperts) { found.append("ranker.cross_experts must be 1 to 64") }
        if !(1...64).contains(experts) { found.append("ranker.experts must be 1 to 64") }
        if tower.contains(where: { !(1...8192).contains($0) }) {
            found.append("ranker.tower must have widths of 1 to 8192")
        }
        found += [
            HistoryEncoders.members.problem(history), Interactions.members.problem(interaction),
            DeepNetworks.members.problem(deepForm), TaskNetworks.members.problem(tasks),
        ].compactMap(\.self)
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
