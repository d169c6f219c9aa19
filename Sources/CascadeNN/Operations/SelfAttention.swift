import CKernels

/// Multi-head self-attention inside ragged segments: for each segment and head
/// P = softmax(Q·Kᵀ / √w + B), Y = P·V, causal (row i sees rows ≤ i) or not.
/// query, key, value, y [items × h·w]; relativeBias [D × h] gives B_ij = relativeBias[i − j + c], clamped to its rows,
/// with c = 0 for causal and D/2 for bidirectional attention.
///
/// Backward, with P computed again: dV = Pᵀ·dY, dP = dY·Vᵀ, dS = P ⊙ (dP − Σ P ⊙ dP), dQ = dS·K/√w, dK = dSᵀ·Q/√w.
struct SelfAttention: Operation {
    let query: Value
    let key: Value
    let value: Value
    let bias: Value?
    let offsets: Offsets
    let heads: Int
    let causal: Bool
    let y: Value
    let scores: Scratch
    let slopes: Scratch

    private var width: Int { query.columns / heads }
    private var scale: Float { 1 / Float(width).squareRoot() }

    func forward(_ m: Memory) {
        guard m.check(offsets) else { return }
        let borders = m.integers(offsets)
        let v = m[value]
        let y = m[y]
        let s = m.scratch(scores)
        for segment in 0..<m.rows(offsets.segments) {
            let start = Int(borders[segment])
            let n = Int(borders[segment + 1]) - start
            if n == 0 { continue }
            for head in 0..<heads {
                probabilities(m, s, start, n, head)
                let column = head * width
                BLAS.multiply(
                    .plain, n, width, n, s, n, v.base + start * v.stride + column, v.stride, add: 0,
                    into: y.base + start * y.stride + column, y.stride)
            }
        }
    }

    private func probabilities(_ m: Memory, _ s: UnsafeMutablePointer<Float>, _ start: Int, _ n: Int, _ head: Int) {
        let q = m[query]
        let k = m[key]
        let column = head * width
        BLAS.multiply(
            .secondTransposed, n, n, width, q.base + start * q.stride + column, q.stride,
            k.base + start * k.stride + column, k.stride, add: 0, into: s, n)
        let b = bias.map { m[$0] }
        ck_self_softmax(
            s, n, scale, causal ? 1 : 0, b.map { UnsafePointer($0.base + head) }, b?.stride ?? 0, b?.rows ?? 0,
            causal ? 0 : (b?.rows ?? 0) / 2)
    }

    func backward(_ m: Memory) {
        let borders = m.integers(offsets)
        let gq = m.addingTarget(query)
        let gk = m.addingTarget(key)
        let gv = m.addingTarget(value)
        let gb = bias.flatMap { m.addingTarget($0) }
        for segment in 0..<m.rows(offsets.segments) {
            let start = Int(borders[segment])
            let n = Int(borders[segment + 1]) - start
            if n == 0 { continue }
            for head in 0..<heads { backward(m, start, n, head, gq, gk, gv, gb) }
        }
    }

    private func backward(
        _ m: Memory, _ start: Int, _ n: Int, _ head: Int, _ gq: GradientTarget?, _ gk: GradientTarget?,
        _ gv: GradientTarget?, _ gb: GradientTarget?
    ) {
        let g = m.gradient(y)
        let v = m[value]
        let s = m.scratch(scores)
        let d = m.scratch(slopes)
        let column = head * width
        let gy = g.base + start * g.stride + column
        probabilities(m, s, start, n, head)
        if let gv {
            BLAS.multiply(
                .firstTransposed, n, width, n, s, n, gy, g.stride, add: 1, into: gv.base + start * gv.stride + column,
                gv.stride)
        }
        BLAS.multiply(
            .secondTransposed, n, n, width, gy, g.stride, v.base + start * v.stride + column, v.stride, add: 0, into: d,
            n)
        let distances = bias?.dimension.capacity ?? 0
        ck_self_softmax_gradient(
            d, s, n, scale, gb.map { $0.base + head }, gb?.stride ?? 0, distances, causal ? 0 : distances / 2)
        if let gq {
            let k = m[key]
            BLAS.multiply(
                .plain, n, width, n, d, n, k.base + start * k.stride + column, k.stride, add: 1,
                into: gq.base + start * gq.stride + column, gq.stride)
        }
        if let gk {
            let q = m[query]
            BLAS.multiply(
                .firstTransposed, n, width, n, d, n, q.base + start * q.stride + column, q.stride, add: 1,
                into: gk.base + start * gk.stride + column, gk.stride)
        }
    }
}

extension Plan {
    /// Multi-head self-attention inside each segment, causal or bidirectional, with an optional learned bias of the
    /// distance [distances × heads].
    package func selfAttention(
        query: Value, key: Value, value: Value, _ offsets: Offsets, heads: Int, causal: Bool,
        relativeBias: Value? = nil
    ) -> Value {
        requireItems(query, offsets, "selfAttention")
        requireSame(query, key, "selfAttention")
        requireSame(query, value, "selfAttention")
        require(
            heads > 0 && query.columns % heads == 0, "selfAttention",
            "\(query.columns) columns cannot be \(heads) heads")
        if let relativeBias {
            require(
                isFixed(relativeBias) && relativeBias.columns == heads, "selfAttention",
                "the bias must be [distances × \(heads)], is \(describe(relativeBias))")
        }
        let inputs = [query, key, value] + (relativeBias.map { [$0] } ?? [])
        let y = makeValue(query.dimension, columns: query.columns, needsGradient: needsGradient(inputs))
        let square = offsets.maximumLength * offsets.maximumLength
        record(
            SelfAttention(
                query: query, key: key, value: value, bias: relativeBias, offsets: offsets, heads: heads,
                causal: causal, y: y, scores: scratch(square), slopes: scratch(square)),
            "selfAttention", inputs: inputs, outputs: [y])
        return y
    }
}
