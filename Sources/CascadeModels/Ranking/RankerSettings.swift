/// The sizes and the training of the ranker.
package struct RankerSettings: Hashable, Sendable, Codable {
    /// Columns that each number becomes.
    package var numericWidth = 8
    package var numberMap = NumberMap.linear
    /// Frequencies of a column of the map `periodic`, and the deviation that they start from.
    package var frequencies = 8
    package var frequencyDeviation = 0.05
    /// What a row takes of the past, by name.
    package var history = "attention"
    /// Columns of a step of the past.
    package var historyWidth = 32
    package var historyHeads = 2
    /// Blocks of a history encoder that is a transformer, and their dropout.
    package var historyLayers = 1
    package var historyDropout = 0.1
    /// A training row does not see the steps of a time before it, which is drawn from 0 to so many hours; 0: it sees all.
    package var historyMaskHours = 0.0
    /// How fields meet, by name.
    package var interaction = "cross"
    package var structure = RankerStructure.stacked
    package var crossLayers = 2
    /// Rank of the cross layers' matrices; 0: full.
    package var crossRank = 64
    /// Experts of each layer of the mixture of cross layers.
    package var crossExperts = 4
    /// Columns of a field where whole fields meet: in `fm`, `ffm`, `dlrm`, `autoint` and `hiformer`.
    package var fieldWidth = 8
    /// Layers and heads of `autoint` and `hiformer`.
    package var fieldLayers = 2
    package var fieldHeads = 2
    /// Rank of the keys and values of `hiformer`; 0: full.
    package var fieldRank = 64
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
    /// What training makes small, by name.
    package var loss = "binary_cross_entropy"
    /// Share of the pairs in the loss `pairwise`, its margin (0: logistic), and rows of a user that lie together.
    package var pairwiseWeight = 0.5
    package var pairwiseMargin = 0.0
    package var pairwiseGroup = 16
    /// Whether uncertainties that weigh heads are learned beside the loss weights.
    package var learnsWeights = false
    /// By head, the head without which it cannot be.
    package var conversions: [String: String] = [:]
    /// Share of the old average that a step keeps of the weights that are used in the end; 0: the last weights.
    package var average = 0.0
    /// Passes after which tables stay as they are; 0: never.
    package var tableEpochs = 0
    /// Whether tables begin anew with each pass.
    package var tableRestart = false
    /// Longest row of a table; 0: any length.
    package var tableNorm = 0.0
    /// Decoupled weight decay of the dense weights, without biases and gains.
    package var weightDecay = 0.0
    /// What the rows of items' identifiers start at.
    package var initial = InitialEmbeddings.random
    /// Share of the loss that tells two halves of an item's features from those of other items; 0: none.
    package var corruption = 0.0
    package var corruptionTemperature = 0.1
    /// Models of other seeds whose mean probabilities are learned too; 0: none.
    package var teachers = 0
    package var teacherWeight = 0.5
    package var teacherForm = TeacherForm.auxiliary
    /// Whether a part of the logits that knows only the position is taken out after training.
    package var debiasPosition = false
    /// Loss weight of each head; a head that is not named gets `min(1, max(0.1, 10 × its rate))`.
    package var lossWeights: [String: Double] = [:]

    private enum CodingKeys: String, CodingKey {
        case numericWidth = "numeric_width"
        case numberMap = "number_map"
        case frequencies
        case frequencyDeviation = "frequency_deviation"
        case history
        case historyWidth = "history_width"
        case historyHeads = "history_heads"
        case historyLayers = "history_layers"
        case historyDropout = "history_dropout"
        case historyMaskHours = "history_mask_hours"
        case interaction
        case structure
        case crossLayers = "cross_layers"
        case crossRank = "cross_rank"
        case crossExperts = "cross_experts"
        case fieldWidth = "field_width"
        case fieldLayers = "field_layers"
        case fieldHeads = "field_heads"
        case fieldRank = "field_rank"
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
        case loss
        case pairwiseWeight = "pairwise_weight"
        case pairwiseMargin = "pairwise_margin"
        case pairwiseGroup = "pairwise_group"
        case learnsWeights = "learned_weights"
        case conversions
        case average
        case tableEpochs = "table_epochs"
        case tableRestart = "table_restart"
        case tableNorm = "table_norm"
        case weightDecay = "weight_decay"
        case initial
        case corruption
        case corruptionTemperature = "corruption_temperature"
        case teachers
        case teacherWeight = "teacher_weight"
        case teacherForm = "teacher_form"
        case debiasPosition = "debias_position"
        case lossWeights = "loss_weights"
    }

    package init() {}

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if !(1...256).contains(numericWidth) { found.append("ranker.numeric_width must be 1 to 256") }
        if !(1...256).contains(frequencies) { found.append("ranker.frequencies must be 1 to 256") }
        if !(frequencyDeviation > 0 && frequencyDeviation <= 10) {
            found.append("ranker.frequency_deviation must be above 0, at most 10")
        }
        if !(1...1024).contains(historyWidth) { found.append("ranker.history_width must be 1 to 1024") }
        if historyHeads < 1 || historyWidth % max(1, historyHeads) != 0 {
            found.append("ranker.history_heads must divide ranker.history_width")
        }
        if !(1...16).contains(historyLayers) { found.append("ranker.history_layers must be 1 to 16") }
        if !(0..<1).contains(historyDropout) { found.append("ranker.history_dropout must be 0 to below 1") }
        if !(0...8784).contains(historyMaskHours) {
            found.append("ranker.history_mask_hours must be 0 (none) to 8784, a year")
        }
        if history == TransAct.name, historyWidth % 2 != 0 {
            found.append("ranker.history_width must be even for ranker.history transact")
        }
        if !(0...16).contains(crossLayers) { found.append("ranker.cross_layers must be 0 to 16") }
        if !(0...4096).contains(crossRank) { found.append("ranker.cross_rank must be 0 (full) to 4096") }
        if !(1...64).contains(crossExperts) { found.append("ranker.cross_experts must be 1 to 64") }
        if !(1...256).contains(fieldWidth) { found.append("ranker.field_width must be 1 to 256") }
        if !(1...16).contains(fieldLayers) { found.append("ranker.field_layers must be 1 to 16") }
        if fieldHeads < 1 || fieldWidth % max(1, fieldHeads) != 0 {
            found.append("ranker.field_heads must divide ranker.field_width")
        }
        if !(0...4096).contains(fieldRank) { found.append("ranker.field_rank must be 0 (full) to 4096") }
        if !(1...64).contains(experts) { found.append("ranker.experts must be 1 to 64") }
        if tower.contains(where: { !(1...8192).contains($0) }) {
            found.append("ranker.tower must have widths of 1 to 8192")
        }
        found += [
            HistoryEncoders.members.problem(history), Interactions.members.problem(interaction),
            DeepNetworks.members.problem(deepForm), TaskNetworks.members.problem(tasks),
            RankerLosses.members.problem(loss),
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
        if !(0...1).contains(pairwiseWeight) { found.append("ranker.pairwise_weight must be 0 to 1") }
        if !(0...100).contains(pairwiseMargin) { found.append("ranker.pairwise_margin must be 0 (logistic) to 100") }
        if !(2...1000).contains(pairwiseGroup) { found.append("ranker.pairwise_group must be 2 to 1000") }
        if learnsWeights, loss == WeightedTargetLoss.name {
            found.append("ranker.learned_weights weighs heads, and ranker.loss weighted_target has one for all")
        }
        if learnsWeights, loss == PairwiseUserLoss.name, pairwiseWeight == 1 {
            found.append("ranker.learned_weights weighs cross-entropies, and ranker.pairwise_weight 1 has none")
        }
        if learnsWeights, lossWeights.values.contains(0) {
            found.append(
                "ranker.learned_weights cannot weigh a head that ranker.loss_weights gives 0; leave it out of one")
        }
        if structure == .interactionOnly, tasks != SharedBottom.name {
            found.append("ranker.tasks \(tasks) shares deep networks, and ranker.structure interaction_only has none")
        }
        if Conversions.circular(conversions) {
            found.append("ranker.conversions: heads follow each other in a circle")
        }
        if !conversions.isEmpty, loss == WeightedTargetLoss.name {
            found.append("ranker.conversions and ranker.loss weighted_target do not go together")
        }
        if !(0..<1).contains(average) { found.append("ranker.average must be 0 (none) to below 1") }
        if !(0...1000).contains(tableEpochs) { found.append("ranker.table_epochs must be 0 (all) to 1000") }
        if tableRestart, tableEpochs > 0 {
            found.append("ranker.table_restart and ranker.table_epochs do not go together")
        }
        found += regularizationProblems()
        for (head, weight) in lossWeights where !(weight >= 0 && weight <= 1000) {
            found.append("ranker.loss_weights.\(head) must be 0 to 1000")
        }
        return found
    }

    /// What is wrong with the settings for features with or without times.
    package func problems(readsTimes: Bool) -> [String] {
        readsTimes || historyMaskHours == 0 ? [] : ["ranker.history_mask_hours needs features.times"]
    }

    private func regularizationProblems() -> [String] {
        var found: [String] = []
        if !(0...1000).contains(tableNorm) { found.append("ranker.table_norm must be 0 (any length) to 1000") }
        if !(0...1).contains(weightDecay) { found.append("ranker.weight_decay must be 0 to 1") }
        if !(0..<1).contains(corruption) { found.append("ranker.corruption must be 0 (none) to below 1") }
        if !(corruptionTemperature > 0 && corruptionTemperature <= 100) {
            found.append("ranker.corruption_temperature must be above 0, at most 100")
        }
        if !(0...32).contains(teachers) { found.append("ranker.teachers must be 0 (none) to 32") }
        if !(0...1000).contains(teacherWeight) { found.append("ranker.teacher_weight must be 0 to 1000") }
        guard teachers > 0 else { return found }
        if loss == WeightedTargetLoss.name {
            found.append("ranker.teachers tell heads apart, and ranker.loss weighted_target has one target for all")
        }
        if teacherForm == .direct, !(teacherWeight <= 1) {
            found.append("ranker.teacher_weight is a share of the label in the form direct; it must be 0 to 1")
        }
        if teacherForm == .direct, loss == PairwiseUserLoss.name {
            found.append("ranker.loss pairwise takes labels as outcomes; use ranker.teacher_form auxiliary with it")
        }
        return found
    }

    /// Whether the model has logits for what teachers foretold.
    var hasTaughtLogits: Bool { teachers > 0 && teacherForm == .auxiliary }

    /// The loss weight of a head whose rate in training is `rate`.
    package func lossWeight(of head: String, rate: Double) -> Double {
        lossWeights[head] ?? min(1, max(0.1, 10 * rate))
    }
}
