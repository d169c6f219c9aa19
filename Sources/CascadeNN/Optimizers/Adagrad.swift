import CKernels

/// Adagrad: s ← s + g², w ← (1 − η·λ)·w − η·g/(√s + ε). Source: Duchi et al. 2011.
package struct Adagrad: DenseOptimizer {
    let epsilon: Float
    let weightDecay: Float

    /// ε beside the root, decoupled weight decay λ.
    package init(epsilon: Float = 1e-10, weightDecay: Float = 0) {
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package var stateCount: Int { 1 }

    package func update(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>?,
        second: UnsafeMutablePointer<Float>?, count: Int, step: UpdateStep
    ) {
        var u = step.update(epsilon: epsilon, weightDecay: weightDecay)
        ck_adagrad(weights, gradient, first, count, &u)
    }
}

/// Adagrad on the looked-up rows, one sum for each element.
package struct SparseAdagrad: TableOptimizer {
    let epsilon: Float
    let weightDecay: Float

    /// ε beside the root, decoupled weight decay λ.
    package init(epsilon: Float = 1e-10, weightDecay: Float = 0) {
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package var elementStateCount: Int { 1 }
    package var rowStateCount: Int { 0 }

    package func update(_ rows: TouchedRows, step: UpdateStep) {
        var u = step.update(epsilon: epsilon, weightDecay: weightDecay)
        ck_sparse_adagrad(rows.table, rows.first, rows.rows, rows.gradients, rows.count, rows.dimension, &u)
    }
}

/// Adagrad with one sum a row: s ← s + mean g², row ← (1 − η·λ)·row − η·g/(√s + ε). The usual rule for large tables:
/// its memory is one float a row. Source: DLRM's row-wise sparse Adagrad.
package struct RowwiseAdagrad: TableOptimizer {
    let epsilon: Float
    let weightDecay: Float

    /// ε beside the root, decoupled weight decay λ.
    package init(epsilon: Float = 1e-10, weightDecay: Float = 0) {
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    package var elementStateCount: Int { 0 }
    package var rowStateCount: Int { 1 }

    package func update(_ rows: TouchedRows, step: UpdateStep) {
        var u = step.update(epsilon: epsilon, weightDecay: weightDecay)
        ck_rowwise_adagrad(rows.table, rows.row, rows.rows, rows.gradients, rows.count, rows.dimension, &u)
    }
}
