import CKernels

/// Attention with SiLU in place of softmax inside ragged segments: for each segment and head
/// A_ij = SiLU(q_i·k_j + P[j − i] + T[bucket_ij]) / n for j ≤ i if causal, for all j if not, and y_i = Σ_j A_ij v_j, where
/// bucket_ij = min(⌊ln(max(|t_{i+1} − t_j|, 1)) / 0.301⌋, buckets − 1) and the last row's t_{i+1} is its own t.
/// query, key [items × h·w], value, y [items × h·u], P [1 × 2L−1] (entry d + L − 1 is the distance d), T [1 × buckets] and
/// t [items], whole numbers. The tables are shared by the heads.
///
/// Backward, with z the scores: dV = Aᵀ·dY, D = (dY·Vᵀ) ⊙ SiLU'(z) / n, dQ = D·K, dK = Dᵀ·Q, and each table entry
/// gets the sum of its pairs' D over the heads. Source: the spatial aggregation of HSTU, Zhai et al. 2024, equation 3.
struct PointwiseAttention: Operation {
    let query: Value
    let key: Value
    let value: Value
    let offsets: Offsets
    let heads: Int
    let share: Float
    let causal: Bool
    let bias: PairBias
    let y: Value
    let room: Room

    /// What is known of a pair before its scores.
    struct PairBias {
        var position: Value?
        var time: Value?
        var times: Indices?

        var isEmpty: Bool { position == nil && time == nil }
    }

    /// Matrices of the pairs of one segment.
    struct Room {
        var scores: Scratch
        var weights: Scratch
        var bias: Scratch
        var biasGradient: Scratch
    }

    /// Rows of one segment and columns of one head.
    private struct Block {
        var start: Int
        var n: Int
        var head: Int
    }

    private func pairs(_ m: Memory, _ start: Int, _ n: Int) -> ck_pairs {
        ck_pairs(
            position: bias.position.map { UnsafePointer(m[$0].base) },
            time: bias.time.map { UnsafePointer(m[$0].base) },
            times: bias.times.map { UnsafePointer(m.integers($0) + start) }, n: n,
            centre: (bias.position?.columns ?? 1) / 2, buckets: bias.time?.columns ?? 0, causal: causal ? 1 : 0)
    }

    /// The place of a block in a matrix of items.
    private func place(_ matrix: Matrix, _ block: Block) -> UnsafeMutablePointer<Float> {
        matrix.base + block.start * matrix.stride + block.head * (matrix.columns / heads)
    }

    private func place(_ target: GradientTarget, _ columns: Int, _ block: Block) -> UnsafeMutablePointer<Float> {
        target.base + block.start * target.stride + block.head * (columns / heads)
    }

    /// The biases of a segment's pairs, or null where there are none.
    private func biases(_ m: Memory, _ start: Int, _ n: Int) -> UnsafeMutablePointer<Float>? {
        if bias.isEmpty { return nil }
        var pairs = pairs(m, start, n)
        let room = m.scratch(room.bias)
        ck_pair_bias(room, &pairs)
        return room
    }

    private func scores(_ m: Memory, _ block: Block) -> UnsafeMutablePointer<Float> {
        let q = m[query]
        let k = m[key]
        let s = m.scratch(room.scores)
        BLAS.multiply(
            .secondTransposed, block.n, block.n, q.columns / heads, place(q, block), q.stride, place(k, block),
            k.stride,
            add: 0, into: s, block.n)
        return s
    }

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let borders = m.integers(offsets)
        let v = m[value]
        let y = m[y]
        for segment in 0..<m.rows(offsets.segments) {
            let start = Int(borders[segment])
            let n = Int(borders[segment + 1]) - start
            if n == 0 { continue }
            let b = biases(m, start, n)
            for head in 0..<heads {
                let block = Block(start: start, n: n, head: head)
                let s = scores(m, block)
                ck_pointwise_scores(s, nil, s, b, n, causal ? 1 : 0, share)
                BLAS.multiply(
                    .plain, n, v.columns / heads, n, s, n, place(v, block), v.stride, add: 0, into: place(y, block),
                    y.stride)
            }
        }
    }

    func backward(_ m: Memory) {
        let borders = m.integers(offsets)
        let gq = m.addingTarget(query)
        let gk = m.addingTarget(key)
        let gv = m.addingTarget(value)
        let gp = bias.position.flatMap { m.addingTarget($0) }
        let gt = bias.time.flatMap { m.addingTarget($0) }
        for segment in 0..<m.rows(offsets.segments) {
            let start = Int(borders[segment])
            let n = Int(borders[segment + 1]) - start
            if n == 0 { continue }
            let b = biases(m, start, n)
            let gb = gp == nil && gt == nil ? nil : m.scratch(room.biasGradient)
            for head in 0..<heads {
                let block = Block(start: start, n: n, head: head)
                let d = slopes(m, block, b, gv)
                if let gb { ck_scale(gb, n, head == 0 ? 0 : 1, d, n, n, n, 1) }
                pass(m, block, d, gq, gk)
            }
            guard let gb else { continue }
            var pairs = pairs(m, start, n)
            ck_pair_bias_gradient(gp?.base, gt?.base, gb, &pairs)
        }
    }

    /// D of a block; adds the gradient of its values.
    private func slopes(
        _ m: Memory, _ block: Block, _ bias: UnsafeMutablePointer<Float>?, _ gv: GradientTarget?
    ) -> UnsafeMutablePointer<Float> {
        let n = block.n
        let v = m[value]
        let width = v.columns / heads
        let g = m.gradient(y)
        let gy = place(g, block)
        let d = scores(m, block)
        let a = m.scratch(room.weights)
        ck_pointwise_scores(a, d, d, bias, n, causal ? 1 : 0, share)
        if let gv {
            BLAS.multiply(
                .firstTransposed, n, width, n, a, n, gy, g.stride, add: 1, into: place(gv, v.columns, block), gv.stride)
        }
        BLAS.multiply(.secondTransposed, n, n, width, gy, g.stride, place(v, block), v.stride, add: 0, into: a, n)
        ck_multiply(d, n, 0, d, n, a, n, n, n)
        return d
    }

    /// Adds the gradients of a block's queries and keys.
    private func pass(
        _ m: Memory, _ block: Block, _ d: UnsafeMutablePointer<Float>, _ gq: GradientTarget?, _ gk: GradientTarget?
    ) {
        let n = block.n
        let width = query.columns / heads
        if let gq {
            let k = m[key]
            BLAS.multiply(
                .plain, n, width, n, d, n, place(k, block), k.stride, add: 1, into: place(gq, query.columns, block),
                gq.stride)
        }
        if let gk {
            let q = m[query]
            BLAS.multiply(
                .firstTransposed, n, width, n, d, n, place(q, block), q.stride, add: 1,
                into: place(gk, query.columns, block), gk.stride)
        }
    }
}

extension Plan {
    /// Multi-head attention with SiLU weights inside each segment, divided by the constant `divisor`. `positionBias`
    /// [1 × 2L−1] for segments of up to L rows; `timeBias` [1 × buckets] with the `times` of the rows as whole numbers.
    package func pointwiseAttention(
        query: Value, key: Value, value: Value, _ offsets: Offsets, heads: Int, divisor: Float, causal: Bool = true,
        positionBias: Value? = nil, timeBias: Value? = nil, times: Indices? = nil
    ) -> Value {
        let name = "pointwiseAttention"
        requireItems(query, offsets, name)
        requireItems(value, offsets, name)
        requireSame(query, key, name)
        require(
            heads > 0 && query.columns % max(heads, 1) == 0 && value.columns % max(heads, 1) == 0, name,
            "\(query.columns) and \(value.columns) columns cannot be \(heads) heads")
        require(divisor > 0, name, "the divisor must be above 0, is \(divisor)")
        if let positionBias {
            requireRow(positionBias, columns: positionBias.columns, name)
            require(
                positionBias.columns % 2 == 1 && positionBias.columns >= 2 * offsets.maximumLength - 1, name,
                "segments of \(offsets.maximumLength) rows need \(2 * offsets.maximumLength - 1) biases of the place, "
                    + "not \(positionBias.columns)")
        }
        require((timeBias == nil) == (times == nil), name, "a bias of the time needs times, and times need a bias")
        if let timeBias, let times {
            requireRow(timeBias, columns: timeBias.columns, name)
            require(times.width == 1 && times.dimension == offsets.items, name, "needs one time a row")
        }
        let inputs = [query, key, value] + [positionBias, timeBias].compactMap { $0 }
        let y = makeValue(query.dimension, columns: value.columns, needsGradient: needsGradient(inputs))
        let square = offsets.maximumLength * offsets.maximumLength
        record(
            PointwiseAttention(
                query: query, key: key, value: value, offsets: offsets, heads: heads, share: 1 / divisor,
                causal: causal, bias: .init(position: positionBias, time: timeBias, times: times), y: y,
                room: .init(
                    scores: scratch(square), weights: scratch(square), bias: scratch(square),
                    biasGradient: scratch(square))),
            name, inputs: inputs, outputs: [y])
        return y
    }
}
