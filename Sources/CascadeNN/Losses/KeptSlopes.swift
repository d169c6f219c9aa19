import CKernels

extension Memory {
    /// Sets a loss of a dimension's rows: a sum over them, divided by the rows of the whole batch.
    func setLoss(_ y: Value, total: Double, over rows: Dimension) {
        self[y].base.pointee = Float(total / Double(max(batchRows(rows), 1)))
    }

    /// Gives x the gradient of such a loss from the slopes of the sum that its forward pass kept.
    func passSlopes(_ slopes: Value?, of y: Value, to x: Value, sign: Float = 1) {
        guard let slopes, let t = target(x) else { return }
        let factor = sign * gradient(y).base.pointee / Float(max(batchRows(x.dimension), 1))
        let g = self[slopes]
        ck_scale(t.base, t.stride, t.add, g.base, g.stride, g.rows, g.columns, factor)
    }
}

extension Plan {
    /// Room for the slopes of a loss by x, where x needs a gradient.
    func keptSlopes(of x: Value) -> Value? {
        needsGradient([x]) ? auxiliary(x.dimension, columns: x.columns) : nil
    }
}
