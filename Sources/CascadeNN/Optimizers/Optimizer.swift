import CKernels

/// What an optimizer is told about one update.
package struct UpdateStep: Sendable {
    /// Learning rate of this tensor in this step.
    package var rate: Float
    /// Factor on the gradient, below 1 where clipping is at work.
    package var gradientScale: Float
    /// Whether weight decay applies to this tensor.
    package var decays: Bool
    /// Number of this update, from 1.
    package var number: Int

    func update(beta1: Float = 0, beta2: Float = 0, epsilon: Float = 0, weightDecay: Float) -> ck_update {
        ck_update(
            rate: rate, gradient_scale: gradientScale, decay: decays ? rate * weightDecay : 0, beta1: beta1,
            beta2: beta2, epsilon: epsilon, correction1: Self.correction(beta1, number),
            correction2: Self.correction(beta2, number))
    }

    /// 1 / (1 − βᵗ), in double because β is close to 1.
    private static func correction(_ beta: Float, _ number: Int) -> Float {
        var power = 1.0
        var base = Double(beta)
        var exponent = number
        while exponent > 0 {
            if exponent & 1 == 1 { power *= base }
            base *= base
            exponent >>= 1
        }
        return Float(1 / (1 - power))
    }
}

/// A rule that changes dense weights by their gradient.
package protocol DenseOptimizer: Sendable {
    /// Floats of memory for each weight, 0 to 2.
    var stateCount: Int { get }
    /// Updates `count` weights; `first` and `second` are the memory of the same weights.
    func update(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>?,
        second: UnsafeMutablePointer<Float>?, count: Int, step: UpdateStep)
}

/// Rows of a table that a step has looked up, each once, with their summed gradients.
package struct TouchedRows {
    /// The whole table.
    package let table: UnsafeMutablePointer<Float>
    /// Width of a row.
    package let dimension: Int
    /// Row numbers.
    package let rows: UnsafePointer<Int32>
    /// Gradients [count × dimension].
    package let gradients: UnsafePointer<Float>
    /// Number of rows.
    package let count: Int
    /// Memory for each element of the table, as many as the optimizer asks for.
    package let first: UnsafeMutablePointer<Float>?
    /// The second of them.
    package let second: UnsafeMutablePointer<Float>?
    /// Memory for each row of the table.
    package let row: UnsafeMutablePointer<Float>?
}

/// A rule that changes the looked-up rows of a table and leaves the others alone.
package protocol TableOptimizer: Sendable {
    /// Floats of memory for each element, 0 to 2.
    var elementStateCount: Int { get }
    /// Floats of memory for each row, 0 or 1.
    var rowStateCount: Int { get }
    /// Updates the rows.
    func update(_ rows: TouchedRows, step: UpdateStep)
}
