import CKernels

/// loss = −(1 / rows of the whole batch) Σ w (t log p + (1 − t) log(1 − p)) over all elements, p = σ(a)·σ(b): both of two
/// chained events, each with a logit of its own. a, b, labels, weights [n × c].
///
/// log p = −softplus(−a) − softplus(−b); log(1 − p) = log(e^{−a} + e^{−b} + e^{−a−b}) + log p where p ≥ ½, so that neither
/// vanishes. Backward: ga = w σ(−a) ((1 − t) p / (1 − p) − t), gb likewise. Source: the joint task of ESMM, Ma et al. 2018.
struct ProductCrossEntropy: Operation {
    let a: Value
    let b: Value
    let labels: Value
    let weights: Value?
    let firstSlopes: Value?
    let secondSlopes: Value?
    let y: Value

    func forward(_ m: Memory) {
        let a = m[a]
        let b = m[b]
        let t = m[labels]
        let w = weights.map { m[$0] }
        let ga = firstSlopes.map { m[$0] }
        let gb = secondSlopes.map { m[$0] }
        let total = ck_product_cross_entropy(
            ga?.base, ga?.stride ?? 0, gb?.base, gb?.stride ?? 0, a.base, a.stride, b.base, b.stride, t.base, t.stride,
            w?.base, w?.stride ?? 0, a.rows, a.columns)
        m.setLoss(y, total: total, over: labels.dimension)
    }

    func backward(_ m: Memory) {
        m.passSlopes(firstSlopes, of: y, to: a)
        m.passSlopes(secondSlopes, of: y, to: b)
    }
}

extension Plan {
    /// Binary cross-entropy of the probability σ(a)·σ(b) against labels in 0...1, summed over columns, averaged over the
    /// rows of the whole batch. Weights [rows × columns] multiply the elements; a weight of 0 is a missing label.
    package func productCrossEntropy(_ a: Value, _ b: Value, labels: Value, weights: Value? = nil) -> Value {
        requireSame(a, b, "productCrossEntropy")
        requireSame(a, labels, "productCrossEntropy")
        if let weights { requireSame(a, weights, "productCrossEntropy") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([a, b]))
        let slopes = [keptSlopes(of: a), keptSlopes(of: b)]
        record(
            ProductCrossEntropy(
                a: a, b: b, labels: labels, weights: weights, firstSlopes: slopes[0], secondSlopes: slopes[1], y: y),
            "productCrossEntropy", inputs: [a, b, labels] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.compactMap { $0 })
        return y
    }
}
