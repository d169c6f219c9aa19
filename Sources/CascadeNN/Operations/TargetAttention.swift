import CKernels

/// Each query row asks the events of one segment, head by head:
/// out_r = Σ_e p_re v_e, p_r = softmax_e(q_r·k_e / √w + bias_e). An empty segment gives zeros.
/// query, out [rows × h·w]; keys, values [events × h·w]; bias [events × h] or none.
///
/// Only the log-sum-exp of each (row, head) is kept; the backward pass computes the probabilities again.
struct TargetAttention: Operation {
    let query: Value
    let keys: Value
    let values: Value
    let bias: Value?
    let offsets: Offsets
    let segmentOf: Indices?
    let heads: Int
    let y: Value
    let logSums: Value
    let room: Scratch
    /// Whether rows that all ask one segment are computed by products of all rows.
    let packs: Bool

    private func inputs(_ m: Memory) -> ck_attention_inputs {
        let q = m[query]
        let k = m[keys]
        let v = m[values]
        let b = bias.map { m[$0] }
        let width = q.columns / heads
        return ck_attention_inputs(
            query: q.base, key: k.base, value: v.base, bias: b.map { UnsafePointer($0.base) },
            offsets: m.integers(offsets), segment_of: segmentOf.map { UnsafePointer(m.integers($0)) }, ldq: q.stride,
            ldk: k.stride, ldv: v.stride, ldb: b?.stride ?? 0, rows: q.rows, heads: heads, width: width,
            scale: 1 / Float(width).squareRoot())
    }

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        if let segmentOf, !m.check(segmentOf, below: m.rows(offsets.segments), from: 0) { return }
        if packs, let events = onlySegment(m) { return forward(m, over: events) }
        var inputs = inputs(m)
        let y = m[y]
        ck_attention(y.base, y.stride, m[logSums].base, &inputs, m.scratch(room))
    }

    /// The events that all rows ask; nil where rows ask different ones, or none.
    private func onlySegment(_ m: Memory) -> Range<Int>? {
        guard let segmentOf, bias == nil, m.rows(query.dimension) > 0 else { return nil }
        let segments = m.integers(segmentOf)
        for row in 1..<max(1, m.rows(query.dimension)) where segments[row] != segments[0] { return nil }
        let offsets = m.integers(offsets) + Int(segments[0])
        return offsets[0] < offsets[1] ? Int(offsets[0])..<Int(offsets[1]) : nil
    }

    /// Of each head: scores of all rows by one product with the keys, softmax, a product with the values.
    private func forward(_ m: Memory, over events: Range<Int>) {
        let q = m[query]
        let k = m[keys]
        let v = m[values]
        let y = m[y]
        let width = q.columns / heads
        let count = events.count
        let scores = m.scratch(room)
        let asked = scores + aligned(q.rows * count)
        let told = asked + aligned(PackedMatrix.floats(rows: width, columns: count))
        for head in 0..<heads {
            let column = head * width
            ck_pack(
                asked, k.base + events.lowerBound * k.stride + column, 1, k.stride, width, count,
                1 / Float(width).squareRoot())
            ck_pack(told, v.base + events.lowerBound * v.stride + column, v.stride, 1, count, width, 1)
            multiply(q.base + column, q.stride, by: asked, into: scores, count, rows: q.rows, width, count)
            ck_softmax(scores, count, scores, count, q.rows, count)
            multiply(scores, count, by: told, into: y.base + column, y.stride, rows: q.rows, count, width)
        }
    }

    private func multiply(
        _ x: UnsafePointer<Float>, _ ldx: Int, by panels: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        _ ldy: Int, rows: Int, _ inner: Int, _ columns: Int
    ) {
        withUnsafePointer(to: ck_packed_term(x: x, panels: panels, ldx: ldx, k: inner)) { term in
            var product = ck_packed_product(
                terms: term, bias: nil, x0: nil, x: nil, y: y, count: 1, rows: rows, columns: columns, ldy: ldy,
                ldx0: 0, ldx: 0, rectify: 0, acc: 0)
            ck_product(&product)
        }
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        var inputs = inputs(m)
        let gq = m.addingTarget(query)
        let gk = m.addingTarget(keys)
        let gv = m.addingTarget(values)
        let gb = bias.flatMap { m.addingTarget($0) }
        var gradients = ck_attention_gradients(
            query: gq?.base, key: gk?.base, value: gv?.base, bias: gb?.base, ldq: gq?.stride ?? 0,
            ldk: gk?.stride ?? 0, ldv: gv?.stride ?? 0, ldb: gb?.stride ?? 0)
        ck_attention_gradient(&gradients, g.base, g.stride, m[logSums].base, &inputs, m.scratch(room))
    }
}

extension Plan {
    /// Multi-head attention of query rows over ragged events. Row i asks segment `segmentOf[i]`, or segment i without a
    /// map; then the rows of `query` are the segments.
    package func targetAttention(
        query: Value, keys: Value, values: Value, _ offsets: Offsets, segmentOf: Indices? = nil, heads: Int,
        bias: Value? = nil
    ) -> Value {
        requireItems(keys, offsets, "targetAttention")
        requireSame(keys, values, "targetAttention")
        require(
            heads > 0 && query.columns == keys.columns && query.columns % heads == 0, "targetAttention",
            "\(describe(query)) and \(describe(keys)) do not fit \(heads) heads")
        if let segmentOf {
            require(
                segmentOf.width == 1 && segmentOf.dimension == query.dimension, "targetAttention",
                "segmentOf must name one segment for each query row")
        } else {
            require(
                query.dimension == offsets.segments, "targetAttention",
                "query rows are not the segments; pass segmentOf")
        }
        if let bias {
            requireItems(bias, offsets, "targetAttention")
            require(bias.columns == heads, "targetAttention", "the bias needs \(heads) columns, has \(bias.columns)")
        }
        let inputs = [query, keys, values] + (bias.map { [$0] } ?? [])
        let y = makeValue(query.dimension, columns: query.columns, needsGradient: needsGradient(inputs))
        let logSums = auxiliary(query.dimension, columns: max(heads, 1))
        let packs = packing != nil && mode == .inference
        record(
            TargetAttention(
                query: query, keys: keys, values: values, bias: bias, offsets: offsets, segmentOf: segmentOf,
                heads: heads, y: y, logSums: logSums,
                room: scratch(packs ? packedRoom(query, heads, offsets) : 2 * heads * offsets.maximumLength),
                packs: packs),
            "targetAttention", inputs: inputs, outputs: [y], auxiliaries: [logSums])
        return y
    }

    /// Floats that either way of attention takes.
    private func packedRoom(_ query: Value, _ heads: Int, _ offsets: Offsets) -> Int {
        let longest = offsets.maximumLength
        let width = query.columns / max(1, heads)
        return max(
            2 * heads * longest,
            aligned(query.dimension.capacity * longest) + aligned(PackedMatrix.floats(rows: width, columns: longest))
                + PackedMatrix.floats(rows: longest, columns: width))
    }
}
