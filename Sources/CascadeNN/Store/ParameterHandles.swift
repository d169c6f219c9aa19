/// How one tensor takes part in training.
package struct ParameterOptions: Sendable, Equatable {
    /// Whether the optimizer's weight decay applies (usually not for biases and gains).
    package var weightDecay: Bool
    /// Multiplies the learning rate of this tensor.
    package var learningRateMultiplier: Float
    /// A frozen tensor is read but never changed, and no gradient is computed for it.
    package var frozen: Bool

    /// By default a tensor is trained like all others.
    package init(weightDecay: Bool = true, learningRateMultiplier: Float = 1, frozen: Bool = false) {
        self.weightDecay = weightDecay
        self.learningRateMultiplier = learningRateMultiplier
        self.frozen = frozen
    }

    /// Of biases and gains, which decay would only shift.
    package static let withoutDecay = ParameterOptions(weightDecay: false)
}

/// A dense tensor [rows × columns] of a store.
package struct Parameter: Sendable, Hashable {
    let index: Int
    /// Unique within its store.
    package let name: String
    /// First extent.
    package let rows: Int
    /// Second extent.
    package let columns: Int
    /// Where it begins in the flat buffer of dense weights; a multiple of 16 floats.
    let offset: Int

    /// rows × columns.
    package var count: Int { rows * columns }
}

/// An embedding table [rows × dimension] of a store: rows are looked up, and only looked-up rows are updated.
package struct Table: Sendable, Hashable {
    let index: Int
    /// Unique within its store.
    package let name: String
    /// Number of rows.
    package let rows: Int
    /// Width of a row.
    package let dimension: Int

    /// rows × dimension.
    package var count: Int { rows * dimension }
}
