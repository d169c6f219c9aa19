import CKernels

/// loss = (1 / rows of the whole batch) Σ_s Σ_c W_sc · mean over the pairs of segment s and column c of l(x_ic − x_jc).
/// A pair is two rows i, j of s with labels t_ic > t_jc; W_sc is the sum of the segment's weights in the column, so that
/// a segment counts as its rows do however many pairs it has. Rows of weight 0 are in no pair; a segment without pairs
/// gives 0. l(d) = log(1 + e^{−d}), or max(0, margin − d). logits, labels, weights [n × c].
///
/// Source: Burges et al. 2005, section 3 (logistic); Herbrich, Graepel and Obermayer 2000 (hinge).
struct SegmentRanking: Operation {
    let logits: Value
    let labels: Value
    let weights: Value?
    let offsets: Offsets
    /// Nil: logistic.
    let margin: Float?
    let slopes: Value?
    let room: Scratch
    let y: Value

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let x = m[logits]
        let t = m[labels]
        let w = weights.map { m[$0] }
        let g = slopes.map { m[$0] }
        let total = ck_segment_ranking(
            g?.base, g?.stride ?? 0, x.base, x.stride, t.base, t.stride, w?.base, w?.stride ?? 0, m.integers(offsets),
            m.rows(offsets.segments), x.columns, margin == nil ? 0 : 1, margin ?? 0, m.scratch(room))
        m.setLoss(y, total: total, over: logits.dimension)
    }

    func backward(_ m: Memory) { m.passSlopes(slopes, of: y, to: logits) }
}

extension Plan {
    /// Logistic loss of the pairs of rows of one segment, column by column: of two rows the one with the larger label
    /// should have the larger logit. Weights [rows × columns] weigh the segments; a weight of 0 is a missing label.
    package func pairwiseLogistic(
        logits: Value, labels: Value, weights: Value? = nil, _ offsets: Offsets
    ) -> Value {
        segmentRanking("pairwiseLogistic", logits, labels, weights, offsets, margin: nil)
    }

    /// The same with max(0, margin − difference of the logits) for each pair.
    package func pairwiseHinge(
        logits: Value, labels: Value, weights: Value? = nil, _ offsets: Offsets, margin: Float
    ) -> Value {
        segmentRanking("pairwiseHinge", logits, labels, weights, offsets, margin: margin)
    }

    private func segmentRanking(
        _ name: String, _ logits: Value, _ labels: Value, _ weights: Value?, _ offsets: Offsets, margin: Float?
    ) -> Value {
        requireItems(logits, offsets, name)
        requireSame(logits, labels, name)
        if let weights { requireSame(logits, weights, name) }
        if let margin { require(margin > 0, name, "the margin must be above 0, is \(margin)") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([logits]))
        let slopes = keptSlopes(of: logits)
        record(
            SegmentRanking(
                logits: logits, labels: labels, weights: weights, offsets: offsets, margin: margin, slopes: slopes,
                room: scratch(3 * offsets.maximumLength), y: y),
            name, inputs: [logits, labels] + (weights.map { [$0] } ?? []), outputs: [y],
            auxiliaries: slopes.map { [$0] } ?? [])
        return y
    }
}
