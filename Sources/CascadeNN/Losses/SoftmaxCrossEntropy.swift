import CKernels

/// loss = (1 / rows of the whole batch) Σ_r w_r · (log Σ_c e^{x_rc} − x_{r,target}), with label smoothing s the target
/// term becomes (1 − s)·x_target + s·mean x. logits [n × c], targets [n × 1] (negative: row skipped), weights [n × 1].
struct SoftmaxCrossEntropy: Operation {
    let logits: Value
    let targets: Indices
    let weights: Value?
    let smoothing: Float
    let slopes: Value?
    let y: Value

    func forward(_ m: Memory) {
        let x = m[logits]
        guard m.check(targets, below: x.columns) else { return }
        let w = weights.map { m[$0] }
        let g = slopes.map { m[$0] }
        let total = ck_softmax_cross_entropy(
            g?.base, g?.stride ?? 0, x.base, x.stride, m.integers(targets), w?.base, w?.stride ?? 0, smoothing, x.rows,
            x.columns)
        m.setLoss(y, total: total, over: logits.dimension)
    }

    func backward(_ m: Memory) { m.passSlopes(slopes, of: y, to: logits) }
}

/// Bayesian personalised ranking: loss = (1 / rows of the whole batch) Σ_r w_r Σ_c log(1 + e^{neg − pos}).
/// positive, negative [n × c], weights [n × 1]. Source: Rendle et al. 2009.
struct PairwiseRanking: Operation {
    let positive: Value
    let negative: Value
    let weights: Value?
    let slopes: Value
    let y: Value

    func forward(_ m: Memory) {
        let p = m[positive]
        let n = m[negative]
        let w = weights.map { m[$0] }
        let g = m[slopes]
        let total = ck_pairwise_ranking(
            g.base, g.stride, p.base, p.stride, n.base, n.stride, w?.base, w?.stride ?? 0, p.rows, p.columns)
        m.setLoss(y, total: total, over: positive.dimension)
    }

    func backward(_ m: Memory) {
        m.passSlopes(slopes, of: y, to: positive)
        m.passSlopes(slopes, of: y, to: negative, sign: -1)
    }
}

extension Plan {
    /// Softmax cross-entropy of logits against one class a row, averaged over the rows of the whole batch.
    package func softmaxCrossEntropy(
        logits: Value, targets: Indices, weights: Value? = nil, smoothing: Float = 0
    ) -> Value {
        require(
            targets.width == 1 && targets.dimension == logits.dimension, "softmaxCrossEntropy",
            "needs one target a row")
        if let weights { requireColumn(weights, logits.dimension, "softmaxCrossEntropy") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([logits]))
        let slopes = keptSlopes(of: logits)
        record(
            SoftmaxCrossEntropy(
                logits: logits, targets: targets, weights: weights, smoothing: smoothing, slopes: slopes, y: y),
            "softmaxCrossEntropy", inputs: [logits] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.map { [$0] } ?? [])
        return y
    }

    /// Pairwise ranking loss: each positive score should exceed the negative score in its place.
    package func pairwiseRanking(positive: Value, negative: Value, weights: Value? = nil) -> Value {
        requireSame(positive, negative, "pairwiseRanking")
        if let weights { requireColumn(weights, positive.dimension, "pairwiseRanking") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([positive, negative]))
        let slopes = auxiliary(positive.dimension, columns: positive.columns)
        record(
            PairwiseRanking(positive: positive, negative: negative, weights: weights, slopes: slopes, y: y),
            "pairwiseRanking", inputs: [positive, negative] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: [slopes])
        return y
    }

    func requireColumn(_ column: Value, _ dimension: Dimension, _ operation: String) {
        require(
            column.columns == 1 && column.dimension == dimension, operation,
            "needs one weight a row, has \(describe(column))")
    }
}
