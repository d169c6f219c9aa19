import CKernels

/// Gradient descent: m ← μ·m + g, w ← (1 − η·λ)·w − η·m; without momentum m = g and nothing is remembered.
package struct SGD: DenseOptimizer {
    let momentum: Float
    let weightDecay: Float

    /// Momentum μ and decoupled weight decay λ.
    package init(momentum: Float = 0, weightDecay: Float = 0) {
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    package var stateCount: Int { momentum == 0 ? 0 : 1 }

    package func update(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>?,
        second: UnsafeMutablePointer<Float>?, count: Int, step: UpdateStep
    ) {
        var u = step.update(beta1: momentum, weightDecay: weightDecay)
        ck_sgd(weights, gradient, first, count, &u)
    }
}

/// Gradient descent on the looked-up rows of a table.
package struct SparseSGD: TableOptimizer {
    let weightDecay: Float

    /// Decoupled weight decay λ.
    package init(weightDecay: Float = 0) {
        self.weightDecay = weightDecay
    }

    package var elementStateCount: Int { 0 }
    package var rowStateCount: Int { 0 }

    package func update(_ rows: TouchedRows, step: UpdateStep) {
        var u = step.update(weightDecay: weightDecay)
        ck_sparse_sgd(rows.table, rows.rows, rows.gradients, rows.count, rows.dimension, &u)
    }
}
