import CKernels

/// loss = (1 / rows of the whole batch) Σ_r w_r Σ_c t_rc (log Σ_k e^{x_rk} − x_rc): cross-entropy against shares of the
/// classes instead of one class. logits, targets [n × c], weights [n × 1]. The targets of a row need not add up to one.
///
/// Backward: gx_rc = w_r (T_r softmax(x_r)_c − t_rc), T_r the sum of the row's targets.
struct SoftCrossEntropy: Operation {
    let logits: Value
    let targets: Value
    let weights: Value?
    let slopes: Value?
    let y: Value

    func forward(_ m: Memory) {
        let x = m[logits]
        let t = m[targets]
        let w = weights.map { m[$0] }
        let g = slopes.map { m[$0] }
        let total = ck_soft_cross_entropy(
            g?.base, g?.stride ?? 0, x.base, x.stride, t.base, t.stride, w?.base, w?.stride ?? 0, x.rows, x.columns)
        m.setLoss(y, total: total, over: logits.dimension)
    }

    func backward(_ m: Memory) { m.passSlopes(slopes, of: y, to: logits) }
}

extension Plan {
    /// Softmax cross-entropy of logits against shares of the classes, averaged over the rows of the whole batch.
    package func softCrossEntropy(logits: Value, targets: Value, weights: Value? = nil) -> Value {
        requireSame(logits, targets, "softCrossEntropy")
        if let weights { requireColumn(weights, logits.dimension, "softCrossEntropy") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([logits]))
        let slopes = keptSlopes(of: logits)
        record(
            SoftCrossEntropy(logits: logits, targets: targets, weights: weights, slopes: slopes, y: y),
            "softCrossEntropy", inputs: [logits, targets] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.map { [$0] } ?? [])
        return y
    }
}
