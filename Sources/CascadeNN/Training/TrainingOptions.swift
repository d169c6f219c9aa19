/// A moving average of the weights for evaluation.
package struct Averaging: Sendable {
    /// Share of the old average that a step keeps; the first steps keep less, (1 + t)/(10 + t).
    package var decay: Float
    /// Whether table rows are averaged too, each when it is updated.
    package var tables: Bool

    /// Share kept a step, and whether tables are averaged (which doubles their memory).
    package init(decay: Float = 0.9999, tables: Bool = false) {
        self.decay = decay
        self.tables = tables
    }

    func decay(at step: Int) -> Float {
        min(decay, Float(1 + step) / Float(10 + step))
    }
}

/// Rows of tables that stay as they are over the first steps, with what the optimizer remembers of them.
package struct FrozenRows: Sendable {
    /// By the name of the table.
    package var rows: [String: Set<Int32>]
    package var steps: Int

    /// The rows of each table, and the steps over which they stay.
    package init(rows: [String: Set<Int32>], steps: Int) {
        self.rows = rows
        self.steps = steps
    }
}

/// How a `TrainingEngine` trains.
package struct TrainingOptions: Sendable {
    /// Threads; the same seed and number of threads give the same bits.
    package var workers: Int
    /// Seed of dropout.
    package var seed: UInt64
    /// Rule for dense weights.
    package var dense: any DenseOptimizer
    /// Rule for tables.
    package var tables: any TableOptimizer
    /// Learning rate of dense weights, and of tables unless they have their own.
    package var schedule: any Schedule
    /// Learning rate of tables.
    package var tableSchedule: (any Schedule)?
    /// Longest gradient over dense weights and summed table rows; longer ones are scaled down to it.
    package var clipNorm: Float?
    /// Longest row of a table after an update: a longer one is scaled down to it.
    package var tableNorm: Float?
    /// Rows of tables that begin to be trained later.
    package var frozenRows: FrozenRows?
    /// Moving average of the weights.
    package var averaging: Averaging?
    /// In what numbers `linear`, `matmul`, `fieldLinear`, the cross layers and their gradients multiply, float32 or bfloat16.
    /// Weights, sums and updates are float32 whatever it is.
    package var products: ProductPrecision

    /// Everything that has no default must be decided; tables learn by row-wise Adagrad unless told otherwise.
    package init(
        workers: Int, seed: UInt64, dense: any DenseOptimizer, tables: any TableOptimizer = RowwiseAdagrad(),
        schedule: any Schedule, tableSchedule: (any Schedule)? = nil, clipNorm: Float? = nil,
        tableNorm: Float? = nil, frozenRows: FrozenRows? = nil, averaging: Averaging? = nil,
        products: ProductPrecision = .float32
    ) {
        self.workers = workers
        self.seed = seed
        self.dense = dense
        self.tables = tables
        self.schedule = schedule
        self.tableSchedule = tableSchedule
        self.clipNorm = clipNorm
        self.tableNorm = tableNorm
        self.frozenRows = frozenRows
        self.averaging = averaging
        self.products = products
    }
}

/// What one step did.
package struct StepResult: Sendable, Equatable {
    /// The loss over the whole batch, before the update.
    package let loss: Float
    /// Length of the gradient before clipping.
    package let gradientNorm: Float
    /// Learning rate of the dense weights.
    package let learningRate: Float
    /// Number of the step, from 0.
    package let step: Int
}
