import CKernels

/// y_r = the table rows of the lookups of row r side by side; a negative index gives zeros.
/// indices [n × width], table [rows × d], y [n × width·d].
struct Gather: LookupOperation {
    let table: Table
    let weights: UnsafePointer<Float>
    let indices: Indices
    let output: Value

    var capacity: Int { indices.dimension.capacity * indices.width }

    func forward(_ m: Memory) {
        let y = m[output]
        guard m.check(indices, below: table.rows) else { return }
        ck_gather(
            y.base, y.stride, weights, table.dimension, m.integers(indices), y.rows, indices.width, table.dimension)
    }

    func lookups(_ m: Memory) -> ck_lookups {
        let g = m.gradient(output)
        return ck_lookups(
            ids: m.integers(indices), gradient: g.base, row_of: nil, scale: nil, ld: g.stride,
            count: g.rows * indices.width, width: indices.width)
    }
}

/// y_s = Σ_{i in segment s} w_i · table[indices_i], divided by the segment's length for a mean; zeros for an empty one.
/// indices [items × 1], weights [items × 1] (no gradient), y [segments × d].
struct GatherPooled: LookupOperation {
    let table: Table
    let base: UnsafePointer<Float>
    let indices: Indices
    let offsets: Offsets
    let weights: Value?
    let mean: Bool
    let segmentOf: Indices
    let scales: Value
    let output: Value

    var capacity: Int { indices.dimension.capacity }

    func forward(_ m: Memory) {
        let y = m[output]
        guard m.check(indices, below: table.rows), m.check(offsets) else { return }
        let w = weights.map { m[$0] }
        ck_gather_pooled(
            y.base, y.stride, m.integers(segmentOf), m[scales].base, base, m.integers(indices), w?.base,
            w?.stride ?? 0, m.integers(offsets), y.rows, table.dimension, mean ? 1 : 0)
    }

    func lookups(_ m: Memory) -> ck_lookups {
        let g = m.gradient(output)
        return ck_lookups(
            ids: m.integers(indices), gradient: g.base, row_of: m.integers(segmentOf), scale: m[scales].base,
            ld: g.stride, count: m.rows(indices.dimension), width: 1)
    }
}

/// How the rows of a segment become one.
package enum Pooling: Sendable {
    /// Added.
    case sum
    /// Added and divided by their number.
    case mean
}

extension Plan {
    /// Rows of an embedding table, `width` side by side: [rows × width·dimension]. Negative indices give zeros.
    package func gather(_ table: Table, _ indices: Indices) -> Value {
        let y = makeValue(
            indices.dimension, columns: table.dimension * indices.width, needsGradient: !store.options(table).frozen)
        guard let weights = base(of: table) else { return y }
        record(
            Gather(table: table, weights: weights, indices: indices, output: y), "gather \(table.name)", inputs: [],
            outputs: [y])
        return y
    }

    /// Pooled rows of an embedding table over ragged lists of row numbers: [segments × dimension].
    package func gatherPooled(
        _ table: Table, _ indices: Indices, _ offsets: Offsets, mode: Pooling, weights: Value? = nil
    ) -> Value {
        require(
            indices.width == 1 && indices.dimension == offsets.items, "gatherPooled",
            "needs one row number for each item of the offsets")
        if let weights {
            require(
                weights.columns == 1 && weights.dimension == offsets.items, "gatherPooled",
                "needs one weight for each item, not \(describe(weights))")
        }
        let y = makeValue(
            offsets.segments, columns: table.dimension, needsGradient: !store.options(table).frozen)
        guard let base = base(of: table) else { return y }
        let scales = auxiliary(offsets.items, columns: 1)
        let segmentOf = self.indices(offsets.items, name: "segment of item")
        record(
            GatherPooled(
                table: table, base: base, indices: indices, offsets: offsets, weights: weights, mean: mode == .mean,
                segmentOf: segmentOf, scales: scales, output: y),
            "gatherPooled \(table.name)", inputs: weights.map { [$0] } ?? [], outputs: [y], auxiliaries: [scales])
        return y
    }

    private func base(of table: Table) -> UnsafePointer<Float>? {
        guard store.isAllocated else { return nil }
        return store.weights(table).baseAddress.map { UnsafePointer($0) }
    }
}
