import CKernels

/// y_s = Σ or mean of the rows of segment s; zeros for an empty segment. x [items × c], y [segments × c].
struct SegmentPool: Operation {
    let x: Value
    let offsets: Offsets
    let y: Value
    let mean: Bool

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let x = m[x]
        let y = m[y]
        ck_segment_pool(
            y.base, y.stride, x.base, x.stride, m.integers(offsets), y.rows, y.columns, mean ? 1 : 0)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.target(x) else { return }
        ck_segment_pool_gradient(
            target.base, target.stride, target.add, g.base, g.stride, m.integers(offsets), g.rows, g.columns,
            mean ? 1 : 0)
    }
}

/// y_s = the largest value of each column over segment s; zeros for an empty segment. x [items × c], y [segments × c].
/// The gradient goes to the first of equal largest rows.
struct SegmentMax: Operation {
    let x: Value
    let offsets: Offsets
    let y: Value
    let at: Indices

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let x = m[x]
        let y = m[y]
        ck_segment_max(
            y.base, y.stride, m.integers(at), x.base, x.stride, m.integers(offsets), y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.addingTarget(x) else { return }
        ck_segment_max_gradient(target.base, target.stride, g.base, g.stride, m.integers(at), g.rows, g.columns)
    }
}

/// y = softmax down each column of each segment. x, y [items × c]. gx = y ⊙ (gy − Σ gy ⊙ y).
struct SegmentSoftmax: Operation {
    let x: Value
    let offsets: Offsets
    let y: Value

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let x = m[x]
        let y = m[y]
        ck_segment_softmax(
            y.base, y.stride, x.base, x.stride, m.integers(offsets), m.rows(offsets.segments), y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.target(x) else { return }
        let y = m[y]
        ck_segment_softmax_gradient(
            target.base, target.stride, target.add, g.base, g.stride, y.base, y.stride, m.integers(offsets),
            m.rows(offsets.segments), g.columns)
    }
}

/// y_s,h = Σ_{i in segment s} w_i,h · x_i,h over h equal blocks of columns. x [items × c], w [items × h],
/// y [segments × c]. gx_i,h = w_i,h · gy_s,h, gw_i,h = gy_s,h · x_i,h.
struct SegmentWeightedSum: Operation {
    let x: Value
    let weights: Value
    let offsets: Offsets
    let y: Value

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let x = m[x]
        let w = m[weights]
        let y = m[y]
        ck_segment_weighted(
            y.base, y.stride, x.base, x.stride, w.base, w.stride, m.integers(offsets), y.rows, w.columns,
            y.columns / w.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let x = m[x]
        let w = m[weights]
        let gx = m.target(self.x)
        let gw = m.target(weights)
        ck_segment_weighted_gradient(
            gx?.base, gx?.stride ?? 0, gx?.add ?? 0, gw?.base, gw?.stride ?? 0, gw?.add ?? 0, g.base, g.stride, x.base,
            x.stride, w.base, w.stride, m.integers(offsets), g.rows, w.columns, g.columns / w.columns)
    }
}

extension Plan {
    /// The sum of each segment's rows.
    package func segmentSum(_ x: Value, _ offsets: Offsets) -> Value { segmentPool(x, offsets, mean: false) }

    /// The mean of each segment's rows; zeros for an empty segment.
    package func segmentMean(_ x: Value, _ offsets: Offsets) -> Value { segmentPool(x, offsets, mean: true) }

    private func segmentPool(_ x: Value, _ offsets: Offsets, mean: Bool) -> Value {
        requireItems(x, offsets, "segment pooling")
        let y = makeValue(offsets.segments, columns: x.columns, needsGradient: needsGradient([x]))
        record(
            SegmentPool(x: x, offsets: offsets, y: y, mean: mean), mean ? "segmentMean" : "segmentSum", inputs: [x],
            outputs: [y])
        return y
    }

    /// The largest value of each column in each segment; zeros for an empty segment.
    package func segmentMax(_ x: Value, _ offsets: Offsets) -> Value {
        requireItems(x, offsets, "segmentMax")
        let y = makeValue(offsets.segments, columns: x.columns, needsGradient: needsGradient([x]))
        let at = indices(offsets.segments, width: x.columns, name: "largest row")
        record(SegmentMax(x: x, offsets: offsets, y: y, at: at), "segmentMax", inputs: [x], outputs: [y])
        return y
    }

    /// Softmax over the rows of each segment, each column by itself.
    package func segmentSoftmax(_ x: Value, _ offsets: Offsets) -> Value {
        requireItems(x, offsets, "segmentSoftmax")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(SegmentSoftmax(x: x, offsets: offsets, y: y), "segmentSoftmax", inputs: [x], outputs: [y])
        return y
    }

    /// Σ over each segment of weights × rows; weights [items × h] weigh h equal blocks of columns.
    package func segmentWeightedSum(_ x: Value, weights: Value, _ offsets: Offsets) -> Value {
        requireItems(x, offsets, "segmentWeightedSum")
        requireItems(weights, offsets, "segmentWeightedSum")
        require(
            x.columns % weights.columns == 0, "segmentWeightedSum",
            "\(x.columns) columns cannot be cut into \(weights.columns) blocks")
        let y = makeValue(offsets.segments, columns: x.columns, needsGradient: needsGradient([x, weights]))
        record(
            SegmentWeightedSum(x: x, weights: weights, offsets: offsets, y: y), "segmentWeightedSum",
            inputs: [x, weights], outputs: [y])
        return y
    }

    func requireItems(_ x: Value, _ offsets: Offsets, _ operation: String) {
        require(
            x.dimension == offsets.items, operation,
            "\(describe(x)) is not in the dimension that the offsets cut")
    }
}
