import CKernels
import Foundation

/// What tells a row's positive column from the others, given the logits s·U·Vᵀ of a tile of rows.
enum ContrastForm: Sendable {
    case softmax(SampledSoftmaxOptions, sharpness: Float)
    case cosine(margin: Float, negativeWeight: Float)
    case binary(positiveWeight: Float)
    case pairwise

    /// Replaces the logits of the tile by their gradient; returns the sum of the rows' losses.
    func run(_ logits: UnsafeMutablePointer<Float>, _ tile: inout ck_sampled_tile) -> Double {
        switch self {
        case .softmax(let options, let sharpness):
            tile.positive_corrected = options.positiveCorrected ? 1 : 0
            tile.positive_in_denominator = options.positiveInDenominator ? 1 : 0
            tile.posterior_weighted = options.posteriorWeighted ? 1 : 0
            tile.sharpness = sharpness
            return ck_sampled_softmax(logits, &tile)
        case .cosine(let margin, let negativeWeight):
            tile.margin = margin
            tile.negative_weight = negativeWeight
            return ck_contrast_cosine(logits, &tile)
        case .binary(let positiveWeight):
            tile.positive_weight = positiveWeight
            return ck_contrast_binary(logits, &tile)
        case .pairwise:
            return ck_contrast_pairwise(logits, &tile)
        }
    }
}

/// The columns and rows of a loss that tells one positive column a row from the others.
package struct ContrastInputs {
    /// U [B × d].
    package var queries: Value
    /// V [N × d].
    package var items: Value
    /// [B × 1] rows of V; with groups counted from the first column of the row's group.
    package var positives: Indices
    /// [N × 1]; an infinite one takes a column out.
    package var logQ: Value?
    /// [N × 1]; columns with the id of a row's positive, other than it, are left out of that row.
    package var ids: Indices?
    /// [B × 1].
    package var weights: Value?
    /// Nil: every row is told from every column.
    package var groups: ContrastGroups?

    package init(
        queries: Value, items: Value, positives: Indices, logQ: Value? = nil, ids: Indices? = nil,
        weights: Value? = nil, groups: ContrastGroups? = nil
    ) {
        self.queries = queries
        self.items = items
        self.positives = positives
        self.logQ = logQ
        self.ids = ids
        self.weights = weights
        self.groups = groups
    }
}

/// Blocks of rows and columns: the rows of a group are told from the columns of the same group only.
package struct ContrastGroups: Sendable {
    /// Cuts the rows of U.
    package var rows: Offsets
    /// Cuts the rows of V into as many.
    package var columns: Offsets

    package init(rows: Offsets, columns: Offsets) {
        self.rows = rows
        self.columns = columns
    }
}

/// A loss over the logits s·U·Vᵀ with one positive column a row, divided by the rows of U in the whole batch.
///
/// The logits exist a tile of rows at a time; each tile becomes its own gradient D in place, from which dU = s·D·V and
/// dV += s·Dᵀ·U follow, so that the backward pass only scales.
struct ContrastiveLoss: Operation {
    static let tile = 128

    let inputs: ContrastInputs
    /// [B × 1]
    let thresholds: Value?
    let temperature: Temperature
    let form: ContrastForm
    let queryGradient: Value?
    let itemGradient: Value?
    let room: Scratch
    let y: Value

    private var queries: Value { inputs.queries }
    private var items: Value { inputs.items }
    private var positives: Indices { inputs.positives }

    private func factor(_ m: Memory) -> Float {
        switch temperature {
        case .constant(let tau): 1 / tau
        case .learned(let s): Foundation.exp(m[s].base.pointee)
        }
    }

    private typealias Block = (rows: Range<Int>, columns: Range<Int>)

    private func blockCount(_ m: Memory) -> Int { inputs.groups.map { m.rows($0.rows.segments) } ?? 1 }

    /// A range of rows with the columns that they are told from.
    private func block(_ m: Memory, _ index: Int) -> Block {
        guard let groups = inputs.groups else { return (0..<m.rows(queries.dimension), 0..<m.rows(items.dimension)) }
        let rows = m.integers(groups.rows)
        let columns = m.integers(groups.columns)
        return (
            Int(rows[index])..<Int(rows[index + 1]), Int(columns[index])..<Int(columns[index + 1])
        )
    }

    /// Whether every group and positive lies inside.
    private func isWhole(_ m: Memory) -> Bool {
        if let groups = inputs.groups, !m.check(groups.rows) || !m.check(groups.columns) { return false }
        for index in 0..<blockCount(m) {
            let block = block(m, index)
            guard m.check(positives, rows: block.rows, below: block.columns.count, from: 0) else { return false }
        }
        return true
    }

    func forward(_ m: Memory) {
        guard isWhole(m) else { return }
        if let itemGradient { clear(m[itemGradient]) }
        var total = 0.0
        for index in 0..<blockCount(m) { total += forward(m, block(m, index)) }
        m[y].base.pointee = Float(total / Double(max(m.batchRows(queries.dimension), 1)))
    }

    /// The sum of the losses of a block's rows.
    private func forward(_ m: Memory, _ block: Block) -> Double {
        let u = m[queries]
        let first = block.columns.lowerBound
        let all = m[items]
        let v = Matrix(
            base: all.base + first * all.stride, rows: block.columns.count, columns: all.columns, stride: all.stride)
        let s = factor(m)
        let logits = m.scratch(room)
        let w = inputs.weights.map { m[$0] }
        let q = inputs.logQ.map { m[$0] }
        let t = thresholds.map { m[$0] }
        var total = 0.0
        var start = block.rows.lowerBound
        while start < block.rows.upperBound {
            let n = min(Self.tile, block.rows.upperBound - start)
            let tileRows = u.base + start * u.stride
            BLAS.multiply(
                .secondTransposed, n, v.rows, u.columns, alpha: s, tileRows, u.stride, v.base, v.stride, add: 0,
                into: logits, v.rows)
            var tile = ck_sampled_tile()
            tile.log_q = q.map { UnsafePointer($0.base + first * $0.stride) }
            tile.ldq = q?.stride ?? 0
            tile.weights = w.map { UnsafePointer($0.base + start * $0.stride) }
            tile.ldw = w?.stride ?? 0
            tile.thresholds = t.map { UnsafePointer($0.base + start * $0.stride) }
            tile.ldt = t?.stride ?? 0
            tile.ids = inputs.ids.map { UnsafePointer(m.integers($0) + first) }
            tile.positives = UnsafePointer(m.integers(positives) + start)
            tile.ld = v.rows
            tile.rows = n
            tile.items = v.rows
            total += form.run(logits, &tile)
            gradients(m, logits, u, v, first, start, n, s)
            start += n
        }
        return total
    }

    private func gradients(
        _ m: Memory, _ logits: UnsafeMutablePointer<Float>, _ u: Matrix, _ v: Matrix, _ first: Int, _ start: Int,
        _ n: Int, _ s: Float
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
                add: 1, into: g.base + first * g.stride, g.stride)
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
    /// Records a contrastive loss after checking the shapes; `name` is its caller's.
    func contrast(
        _ inputs: ContrastInputs, thresholds: Value? = nil, temperature: Temperature, form: ContrastForm, name: String
    ) -> Value {
        let (queries, items) = (inputs.queries, inputs.items)
        require(queries.columns == items.columns, name, "\(describe(queries)) does not fit \(describe(items))")
        require(
            inputs.positives.width == 1 && inputs.positives.dimension == queries.dimension, name,
            "needs one positive a query")
        if let logQ = inputs.logQ { requireColumn(logQ, items.dimension, name) }
        if let ids = inputs.ids {
            require(ids.width == 1 && ids.dimension == items.dimension, name, "needs one id an item")
        }
        if let weights = inputs.weights { requireColumn(weights, queries.dimension, name) }
        if let thresholds { requireColumn(thresholds, queries.dimension, name) }
        if let groups = inputs.groups {
            require(
                groups.rows.items == queries.dimension && groups.columns.items == items.dimension
                    && groups.rows.segments == groups.columns.segments, name,
                "the groups must cut its queries and its items into as many")
        }
        var read = [queries, items] + [inputs.logQ, inputs.weights, thresholds].compactMap { $0 }
        if case .learned(let s) = temperature {
            require(isFixed(s) && s.columns == 1 && s.dimension.capacity == 1, name, "the temperature must be 1 × 1")
            read.append(s)
        }
        if case .constant(let tau) = temperature { require(tau > 0, name, "the temperature \(tau) must be positive") }
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient(read))
        let training = values[y.index].needsGradient
        let queryGradient = training ? auxiliary(queries.dimension, columns: queries.columns) : nil
        let itemGradient =
            training && needsGradient([items]) ? auxiliary(items.dimension, columns: items.columns) : nil
        let room = scratch(
            max(
                min(ContrastiveLoss.tile, queries.dimension.capacity) * items.dimension.capacity,
                queries.dimension.capacity))
        record(
            ContrastiveLoss(
                inputs: inputs, thresholds: thresholds, temperature: temperature, form: form,
                queryGradient: queryGradient, itemGradient: itemGradient, room: room, y: y),
            name, inputs: read, outputs: [y], auxiliaries: [queryGradient, itemGradient].compactMap { $0 })
        return y
    }
}
