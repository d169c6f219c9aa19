package import CascadeFeatures

/// The sizes and the training of the retrieval model.
package struct RetrievalSettings: Hashable, Sendable, Codable {
    /// Which retrieval model, by name.
    package var model = "two_tower"
    /// Which user tower, by name.
    package var userTower = "pooled"
    /// Floats of a user's and an item's vector.
    package var dimension = 64
    /// Width of the user tower's hidden layers; 0: none, for the pooled tower.
    package var hidden = 128
    /// Blocks of a transformer tower.
    package var layers = 1
    /// Attention heads of a transformer tower.
    package var heads = 1
    /// Dropout of a transformer tower.
    package var dropout = 0.2
    /// Vectors of a user in a tower that gives several.
    package var interests = 4
    /// Times that such vectors are routed by capsules.
    package var routing = 3
    /// How sharply an item to be found attends to such vectors, over the temperature; 0: to the nearest alone.
    package var labelAttention = 0.0
    /// Whether a user's identifier is a feature: it tells known users apart, and says nothing of new ones.
    package var userID = false
    /// Residual blocks of the item tower, of `hidden` columns.
    package var itemLayers = 0
    /// What may tell items apart beside their direction.
    package var itemLength = ItemLength.unit
    /// Columns of the linear autoencoder behind the towers' vectors; 0: none.
    package var linearRank = 0
    /// The power of an item's users that its interactions are divided by before the autoencoder is fitted.
    package var linearItemExponent = 0.5
    /// Deviation of a user's linear scores over the catalog, in cosines of the towers.
    package var linearWeight = 0.01
    /// Share of a batch's items whose identifier is taken away, so that the rest of an item tells what it can.
    package var idDropout = 0.1
    /// What the rows of identifiers start at.
    package var initial = InitialEmbeddings.random
    /// Which loss, by name.
    package var loss = "sampled_softmax"
    /// Cosine above which a negative counts in the cosine contrastive loss.
    package var margin = 0.9
    /// Weight of the negatives in the cosine contrastive loss.
    package var negativeWeight = 150.0
    /// How much of the overconfidence of sampling the calibrated cross-entropy takes back, 0 to 1.
    package var calibration = 0.75
    /// Places of a list that count in the softmax loss at K.
    package var head = 20
    /// How softly the softmax loss at K tells the head from the rest, in cosines.
    package var headTemperature = 0.1
    /// Whether the items of a batch are negatives of its other rows.
    package var inBatchNegatives = true
    /// Where losses that correct for sampling take the frequencies of items from.
    package var itemFrequencies = ItemFrequencies.exact
    /// Logits are cosines divided by it.
    package var temperature = 0.07
    /// Weight of an impression without positive feedback as a training target; one with feedback weighs 1.
    package var impressionWeight = 0.3
    /// A user of n interactions counts n to the power of 1 − this: 0 counts interactions, 1 counts users.
    package var userBalance = 0.0
    /// Share of history steps that are dropped in training.
    package var historyDropout = 0.2
    /// Share of the pooled tower's training contexts that have no past.
    package var strangers = 0.05
    /// Uniform negatives that each worker adds to those of its batch.
    package var uniformNegatives = 1024
    package var batchSize = 2048
    package var epochs = 3
    package var learningRate = 2e-3
    package var warmupSteps = 100

    private enum CodingKeys: String, CodingKey {
        case model
        case userTower = "user_tower"
        case dimension
        case hidden
        case layers
        case heads
        case dropout
        case interests
        case routing
        case labelAttention = "label_attention"
        case userID = "user_id"
        case itemLayers = "item_layers"
        case itemLength = "item_length"
        case linearRank = "linear_rank"
        case linearItemExponent = "linear_item_exponent"
        case linearWeight = "linear_weight"
        case idDropout = "id_dropout"
        case initial
        case loss
        case margin
        case negativeWeight = "negative_weight"
        case calibration
        case head
        case headTemperature = "head_temperature"
        case inBatchNegatives = "in_batch_negatives"
        case itemFrequencies = "item_frequencies"
        case temperature
        case impressionWeight = "impression_weight"
        case userBalance = "user_balance"
        case historyDropout = "history_dropout"
        case strangers
        case uniformNegatives = "uniform_negatives"
        case batchSize = "batch_size"
        case epochs
        case learningRate = "learning_rate"
        case warmupSteps = "warmup_steps"
    }

    package init() {}

    /// What the model asks of the features.
    package var features: RetrievalFeatures {
        RetrievalFeatures(dimension: dimension, readsItems: UserEncoders.readsItems(userTower), userID: userID)
    }

    /// Whether training shows the user tower contexts without a past, so that a user without one has a vector that means something.
    package var learnsWithoutPast: Bool { UserEncoders.learnsWithoutPast(self) }

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        if !(4...1024).contains(dimension) { found.append("retrieval.dimension must be 4 to 1024") }
        if !(4...4096).contains(hidden), !(hidden == 0 && userTower == PooledUsers.name && itemLayers == 0) {
            found.append("retrieval.hidden must be 4 to 4096, or 0 with the user tower 'pooled' and no item_layers")
        }
        if !UserEncoders.names.contains(userTower) {
            found.append("retrieval.user_tower must be one of \(UserEncoders.names.joined(separator: ", "))")
        }
        if !(1...32).contains(layers) { found.append("retrieval.layers must be 1 to 32") }
        if heads < 1 || dimension % max(1, heads) != 0 {
            found.append("retrieval.heads must divide retrieval.dimension")
        }
        if !(0..<1).contains(dropout) { found.append("retrieval.dropout must be 0 to below 1") }
        if !(1...64).contains(interests) { found.append("retrieval.interests must be 1 to 64") }
        if !(1...16).contains(routing) { found.append("retrieval.routing must be 1 to 16") }
        if !(0...100).contains(labelAttention) {
            found.append("retrieval.label_attention must be 0 (the nearest alone) to 100")
        }
        if !(0...16).contains(itemLayers) { found.append("retrieval.item_layers must be 0 to 16") }
        if !(0..<1).contains(idDropout) { found.append("retrieval.id_dropout must be 0 to below 1") }
        if initial == .contrastive {
            found.append("retrieval.initial must be random or ials; contrastive is a start of the ranker")
        }
        if !(0...2000).contains(linearRank) { found.append("retrieval.linear_rank must be 0 to 2000") }
        if !(0...1).contains(linearItemExponent) { found.append("retrieval.linear_item_exponent must be 0 to 1") }
        if !(linearWeight > 0 && linearWeight <= 10) {
            found.append("retrieval.linear_weight must be above 0, at most 10")
        }
        found += lossProblems
        if !(temperature > 0.001 && temperature <= 10) { found.append("retrieval.temperature must be 0.001 to 10") }
        if !(0...1).contains(impressionWeight) { found.append("retrieval.impression_weight must be 0 to 1") }
        if !(0...1).contains(userBalance) { found.append("retrieval.user_balance must be 0 to 1") }
        if !(0..<1).contains(historyDropout) { found.append("retrieval.history_dropout must be 0 to below 1") }
        if !(0..<1).contains(strangers) { found.append("retrieval.strangers must be 0 to below 1") }
        if !(0...1_000_000).contains(uniformNegatives) { found.append("retrieval.uniform_negatives must be 0 or more") }
        if !(2...1_000_000).contains(batchSize) { found.append("retrieval.batch_size must be 2 or more") }
        if !(1...1000).contains(epochs) { found.append("retrieval.epochs must be 1 to 1000") }
        if !(learningRate > 0 && learningRate <= 1) {
            found.append("retrieval.learning_rate must be above 0, at most 1")
        }
        if warmupSteps < 0 { found.append("retrieval.warmup_steps must be 0 or more") }
        return found
    }

    /// What keeps a model of these settings from being served; empty when it can be.
    package func servingProblems() -> [String] {
        guard UserEncoders.givesInterests(userTower) else { return [] }
        let served = UserEncoders.names.filter { !UserEncoders.givesInterests($0) }
        return [
            "retrieval.user_tower '\(userTower)' tells a user by several vectors and is there to compare with; "
                + "measure it with 'cascade experiment', and serve one of \(served.joined(separator: ", "))"
        ]
    }

    private var lossProblems: [String] {
        var found: [String] = []
        if let type = try? RetrievalLosses.type(named: loss) {
            if !inBatchNegatives, type.correction != .none, type.name != SampledSoftmaxLoss.name {
                found.append(
                    "retrieval.in_batch_negatives must be true with the loss \(loss), which corrects for them")
            }
            if !inBatchNegatives, uniformNegatives == 0, type.negatives == .sampled {
                found.append("retrieval.uniform_negatives must be above 0 without in_batch_negatives")
            }
        } else {
            found.append("retrieval.loss must be one of \(RetrievalLosses.names.joined(separator: ", "))")
        }
        if loss == CosineContrastiveLoss.name, itemLength != .unit {
            found.append("retrieval.item_length must be unit with the loss ccl, which compares cosines")
        }
        if !(-1..<1).contains(margin) { found.append("retrieval.margin must be -1 to below 1") }
        if !(negativeWeight > 0 && negativeWeight <= 1e6) {
            found.append("retrieval.negative_weight must be above 0, at most 1000000")
        }
        if !(0...1).contains(calibration) { found.append("retrieval.calibration must be 0 to 1") }
        if !(1...10_000).contains(head) { found.append("retrieval.head must be 1 to 10000") }
        if !(headTemperature >= 0.001 && headTemperature <= 10) {
            found.append("retrieval.head_temperature must be 0.001 to 10")
        }
        return found
    }
}
