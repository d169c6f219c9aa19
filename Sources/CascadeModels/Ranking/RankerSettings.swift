package import CascadeFeatures
package import CascadeNN

/// The sizes and the training of the ranker.
package struct RankerSettings: Hashable, Sendable, Codable {
    /// Columns that each number becomes.
    package var numericWidth = 2
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
    /// What a row is told of the retrieval model's vectors of its user and item.
    package var towers = TowerInputs.none
    /// Folds of users in training: the towers that tell of a user did not learn from his fold.
    package var towerFolds = 3
    /// Passes of their training; 0: as many as those of the retrieval model.
    package var towerEpochs = 0
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
    /// In what numbers training computes linear maps, cross layers and their gradients.
    package var products = ProductChoice.auto
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
    /// What the rows of identifiers start at.
    package var initial = InitialEmbeddings.random
    /// Passes in which the rows that start elsewhere than at random stay there; 0: none.
    package var tableFrozenEpochs = 0
    /// Share of the loss that tells two halves of an item's features from those of other items; 0: none.
    package var corruption = 0.0
    package var corruptionTemperature = 0.1
    /// Models of other seeds whose mean probabilities are learned too; 0: none.
    package var teachers = 0
    /// Rankers that are trained one after another and served together, one a seed: what they give is averaged.
    package var seeds = 1
    package var teacherWeight = 0.5
    package var teacherForm = TeacherForm.auxiliary
    /// Whether a part of the logits that knows only the position is taken out after training.
    package var debiasPosition = false
    /// Loss weight of each head; a head that is not named gets `min(1, max(0.1, 10 × its rate))`, a value head 1.
    package var lossWeights: [String: Double] = [:]
    /// Heads that learn the values of feedback, by name.
    package var values: [String: ValueHeadSettings] = [:]

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
        case towers
        case towerFolds = "tower_folds"
        case towerEpochs = "tower_epochs"
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
        case products
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
        case tableFrozenEpochs = "table_frozen_epochs"
        case corruption
        case corruptionTemperature = "corruption_temperature"
        case seeds
        case teachers
        case teacherWeight = "teacher_weight"
        case teacherForm = "teacher_form"
        case debiasPosition = "debias_position"
        case lossWeights = "loss_weights"
        case values
    }

    package init() {}

    /// In what numbers this ranker is trained on this processor. Where items are told apart by views of them (`corruption`), what
    /// views differ by is lost in bfloat16 and their loss falls less far, so `auto` stays with float32 there.
    package var trainingPrecision: ProductPrecision {
        products == .auto && corruption > 0 ? .float32 : products.precision
    }

    /// Whether the model has logits for what teachers foretold.
    var hasTaughtLogits: Bool { teachers > 0 && teacherForm == .auxiliary }

    /// The loss weight of a head whose rate in training is `rate`.
    package func lossWeight(of head: String, rate: Double) -> Double {
        lossWeights[head] ?? min(1, max(0.1, 10 * rate))
    }

    /// The loss weight of a value head.
    package func lossWeight(ofValue head: String) -> Double { lossWeights[head] ?? 1 }

    /// The signals whose values must be read.
    package var valueSignals: [String] { Set(values.values.map(\.signal)).sorted() }
}
