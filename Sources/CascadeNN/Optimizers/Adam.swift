import CKernels

/// Adam with decoupled weight decay (AdamW): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g²,
/// w ← (1 − η·λ)·w − η·m̂/(√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Source: Loshchilov and Hutter 2019.
package struct Adam: DenseOptimizer {
    let beta1: Float
    let beta2: Float
    let epsilon: Float
    let weightDecay: Float

    /// Decay rates of the moments, ε beside the root, decoupled weight decay λ.
    package init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package var stateCount: Int { 2 }

    package func update(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>?,
        second: UnsafeMutablePointer<Float>?, count: Int, step: UpdateStep
    ) {
        var u = step.update(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
        ck_adam(weights, gradient, first, second, count, &u)
    }
}

/// Adam on the looked-up rows; the moments of other rows wait (as in PyTorch's SparseAdam), and bias correction counts
/// all steps. Weight decay touches looked-up rows only.
package struct SparseAdam: TableOptimizer {
    let adam: Adam

    /// Decay rates of the moments, ε beside the root, decoupled weight decay λ.
    package init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0) {
        adam = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }

    package var elementStateCount: Int { 2 }
    package var rowStateCount: Int { 0 }

    package func update(_ rows: TouchedRows, step: UpdateStep) {
        var u = step.update(
            beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon, weightDecay: adam.weightDecay)
        ck_sparse_adam(
            rows.table, rows.first, rows.second, rows.rows, rows.gradients, rows.count, rows.dimension, &u)
    }
}

/// Adam with a full first moment and one second moment a row, the moving average of the row's mean g²; lazy like
/// `SparseAdam`. Half the memory of Adam, and steadier for rows seen rarely.
package struct RowwiseAdam: TableOptimizer {
    let adam: Adam

    /// Decay rates of the moments, ε beside the root, decoupled weight decay λ.
    package init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0) {
        adam = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }

    package var elementStateCount: Int { 1 }
    package var rowStateCount: Int { 1 }

    package func update(_ rows: TouchedRows, step: UpdateStep) {
        var u = step.update(
            beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon, weightDecay: adam.weightDecay)
        ck_rowwise_adam(rows.table, rows.first, rows.row, rows.rows, rows.gradients, rows.count, rows.dimension, &u)
    }
}
