import CKernels
import Foundation

/// The temperature of a softmax.
package enum Temperature: Sendable {
    /// Logits are divided by this number.
    case constant(Float)
    /// Logits are multiplied by e^s, s a learned 1×1 value (start with log(1/τ)).
    case learned(Value)
}

/// Which of the published corrections `sampledSoftmax` applies.
package struct SampledSoftmaxOptions: Sendable, Equatable {
    /// Whether log Q is subtracted from the positive's logit too (Yi et al. 2019) or only from the negatives'
    /// (Khrylchenko et al. 2025).
    package var positiveCorrected: Bool
    /// Whether the positive is a term of the denominator.
    package var positiveInDenominator: Bool
    /// Multiplies each row's loss by 1 − P(positive), as a constant, with P from the mean over the negatives
    /// (Khrylchenko et al. 2025; use it with the two others off).
    package var posteriorWeighted: Bool

    /// The defaults are the plain sampling-bias correction of Yi et al. 2019.
    package init(
        positiveCorrected: Bool = true, positiveInDenominator: Bool = true, posteriorWeighted: Bool = false
    ) {
        self.positiveCorrected = positiveCorrected
        self.positiveInDenominator = positiveInDenominator
        self.posteriorWeighted = posteriorWeighted
    }
}

/// Softmax over a sample of columns: logits = s·U·Vᵀ − log Q, one positive column a row.
/// U [B × d], V [N × d], log Q [N × 1], positives [B × 1] (rows of V), ids [N × 1], weights [B × 1].
///
/// loss = (1 / rows of U in the whole batch) Σ_r w_r (log Σ_j e^{c_rj} − c_r,pos). Columns with the id of a row's
/// positive, other than it, are left out of that row. The logits exist a tile of rows at a time; each tile becomes its
/// own gradient in place, from which dU = s·D·V and dV += s·Dᵀ·U follow, so that the backward pass only scales.
struct SampledSoftmax: Operation {
    static let tile = 128

    let queries: Value
    let items: Value
    let positives: Indices
    let logQ: Value?
    let ids: Indices?
    let weights: Value?
    let temperature: Temperature
    let options: SampledSoftmaxOptions
    let queryGradient: Value?
    let itemGradient: Value?
    let room: Scratch
    let y: Value

    private func factor(_ m: Memory) -> Float {
        switch temperature {
        case .constant(let tau): 1 / tau
        case .learned(let s): Foundation.exp(m[s].base.pointee)
        }
    }

    func forward(_ m: Memory) {
        let u = m[queries]
        let v = m[items]
        guard m.check(positives, below: v.rows, from: 0) else { return }
        let s = factor(m)
        let logits = m.scratch(room)
        let w = weights.map { m[$0] }
        let q = logQ.map { m[$0] }
        if let itemGradient { clear(m[itemGradient]) }
        var total = 0.0
        var start = 0
        while start < u.rows {
            let n = min(Self.tile, u.rows - start)
            let tileRows = u.base + start * u.stride
            BLAS.multiply(
                .secondTransposed, n, v.rows, u.columns, alpha: s, tileRows, u.stride, v.base, v.stride, add: 0,
                into: logits, v.rows)
            var tile = ck_sampled_tile(
                log_q: q.map { UnsafePointer($0.base) },
                weights: w.map { UnsafePointer($0.base + start * $0.stride) },
                ids: ids.map { UnsafePointer(m.integers($0)) }, positives: m.integers(positives) + start,
                ldw: w?.stride ?? 0, ldq: q?.stride ?? 0, ld: v.rows, rows: n, items: v.rows,
                positive_corrected: options.positiveCorrected ? 1 : 0,
                positive_in_denominator: options.positiveInDenominator ? 1 : 0,
                posterior_weighted: options.posteriorWeighted ? 1 : 0)
            total += ck_sampled_softmax(logits, &tile)
            gradients(m, logits, u, v, start, n, s)
            start += n
        }
        m[y].base.pointee = Float(total / Double(max(m.batchRows(queries.dimension), 1)))
    }

    private func gradients(
        _ m: Memory, _ logits: UnsafeMutablePointer<Float>, _ u: Matrix, _ v: Matrix, _ start: Int, _ n: Int, _ s: Float
    ) {
        if let queryGradient {
            let g = m[queryGradient]
            BLAS.multiply(
                .plain, n, u.columns, v.rows, alpha: s, logits, v.rows, v.base, v.stride, add: 0,
                into: g.base + start * g.stride, g.stride)
        }
        if let itemGradient {
            let g = m[itemGradient]
            BLAS.multiply(
                .firstTransposed, v.rows, u.columns, n, alpha: s, logits, v.rows, u.base + start * u.stride, u.stride,
                add: 1, into: g.base, g.stride)
        }
    }

    private func clear(_ matrix: Matrix) {
        ck_fill(matrix.base, matrix.stride, matrix.rows, matrix.columns, 0)
    }

    func backward(_ m: Memory) {
        let factor = m.gradient(y).base.pointee / Float(max(m.batchRows(queries.dimension), 1))
        guard let queryGradient else { return }
        let g = m[queryGradient]
        if let t = m.target(queries) {
            ck_scale(t.base, t.stride, t.add, g.base, g.stride, g.rows, g.columns, factor)
        }
        if let itemGradient, let t = m.target(items) {
            let g = m[itemGradient]
            ck_scale(t.base, t.stride, t.add, g.base, g.stride, g.rows, g.columns, factor)
        }
        // d/ds of Σ D ⊙ e^s·U·Vᵀ-logits is Σ_r U_r · dU_r.
        if case .learned(let s) = temperature, let t = m.addingTarget(s) {
            let u = m[queries]
            let along = m.scratch(room)
            ck_row_dot(along, 1, 0, u.base, u.stride, g.base, g.stride, u.rows, u.columns, factor)
            t.base.pointee += Float(ck_sum(along, 1, u.rows, 1))
        }
    }
}

extension Plan {
    /// Sampled softmax cross-entropy in tiles; see `SampledSoftmax` for the formula and the shapes.
    package func sampledSoftmax(
        queries: Value, items: Value, positives: Indices, logQ: Value? = nil, ids: Indices? = nil,
        weights: Value? = nil, temperature: Temperature, options: SampledSoftmaxOptions = .init()
    ) -> Value {
        let name = "sampledSoftmax"
        require(queries.columns == items.columns, name, "\(describe(queries)) does not fit \(describe(items))")
        require(positives.width == 1 && positives.dimension == queries.dimension, name, "needs one positive a query")
        if let logQ { requireColumn(logQ, items.dimension, name) }
        if let ids { require(ids.width == 1 && ids.dimension == items.dimension, name, "needs one id an item") }
        if let weights { requireColumn(weights, queries.dimension, name) }
        var inputs = [queries, items] + [logQ, weights].compactMap { $0 }
        if case .learned(let s) = temperature {
            require(isFixed(s) && s.columns == 1 && s.dimension.capacity == 1, name, "the temperature must be 1 × 1")
            inputs.append(s)
        }
        if case .constant(let tau) = temperature { require(tau > 0, name, "the temperature \(tau) must be positive") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient(inputs))
        let training = values[y.index].needsGradient
        let queryGradient = training ? auxiliary(queries.dimension, columns: queries.columns) : nil
        let itemGradient =
            training && needsGradient([items]) ? auxiliary(items.dimension, columns: items.columns) : nil
        let room = scratch(
            max(
                min(SampledSoftmax.tile, queries.dimension.capacity) * items.dimension.capacity,
                queries.dimension.capacity))
        record(
            SampledSoftmax(
                queries: queries, items: items, positives: positives, logQ: logQ, ids: ids, weights: weights,
                temperature: temperature, options: options, queryGradient: queryGradient, itemGradient: itemGradient,
                room: room, y: y),
            name, inputs: inputs, outputs: [y], auxiliaries: [queryGradient, itemGradient].compactMap { $0 })
        return y
    }
}
