import CKernels

/// y_c = (1 / rows of the whole batch) Σ_r w_rc (log(1 + e^{x_rc}) − t_rc x_rc): binary cross-entropy, each column by
/// itself. logits, labels, weights [n × c], y [1 × c]. Backward: gx_rc = gy_c w_rc (σ(x_rc) − t_rc) / rows.
struct ColumnCrossEntropy: Operation {
    let logits: Value
    let labels: Value
    let weights: Value?
    let smoothing: Float
    let slopes: Value?
    let y: Value

    func forward(_ m: Memory) {
        let x = m[logits]
        let t = m[labels]
        let w = weights.map { m[$0] }
        let g = slopes.map { m[$0] }
        let y = m[y]
        let rows = Double(max(m.batchRows(logits.dimension), 1))
        for column in 0..<x.columns {
            let total = ck_binary_cross_entropy(
                g.map { $0.base + column }, g?.stride ?? 0, x.base + column, x.stride, t.base + column, t.stride,
                w.map { UnsafePointer($0.base + column) }, w?.stride ?? 0, smoothing, x.rows, 1)
            y.base[column] = Float(total / rows)
        }
    }

    func backward(_ m: Memory) {
        guard let slopes, let t = m.target(logits) else { return }
        let g = m[slopes]
        ck_scale_columns(
            t.base, t.stride, t.add, g.base, g.stride, m.gradient(y).base, g.rows, g.columns,
            1 / Float(max(m.batchRows(logits.dimension), 1)))
    }
}

extension Plan {
    /// Binary cross-entropy of logits against labels in 0...1, one average over the rows of the whole batch for each
    /// column: [1 × columns]. Its sum is `binaryCrossEntropy`.
    package func binaryCrossEntropyColumns(
        logits: Value, labels: Value, weights: Value? = nil, smoothing: Float = 0
    ) -> Value {
        requireSame(logits, labels, "binaryCrossEntropyColumns")
        if let weights { requireSame(logits, weights, "binaryCrossEntropyColumns") }
        let y = makeValue(fixed(1), columns: logits.columns, needsGradient: needsGradient([logits]))
        let slopes = keptSlopes(of: logits)
        record(
            ColumnCrossEntropy(
                logits: logits, labels: labels, weights: weights, smoothing: smoothing, slopes: slopes, y: y),
            "binaryCrossEntropyColumns", inputs: [logits, labels] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.map { [$0] } ?? [])
        return y
    }
}
