import CKernels

/// y_i = x_{rows[i]}; a negative index gives zeros. x [n × c], rows [m × 1], y [m × c].
///
/// Backward adds gy_i to gx_{rows[i]} in the order of i, so repeated rows always sum in the same order.
struct Take: Operation {
    let x: Value
    let rows: Indices
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        guard m.check(rows, below: x.rows) else { return }
        ck_gather(y.base, y.stride, x.base, x.stride, m.integers(rows), y.rows, 1, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.addingTarget(x) else { return }
        ck_scatter_add(target.base, target.stride, g.base, g.stride, m.integers(rows), g.rows, g.columns)
    }
}

/// y = one row in every row. row [1 × c], y [n × c].
struct Broadcast: Operation {
    let row: Value
    let y: Value

    func forward(_ m: Memory) {
        let y = m[y]
        ck_broadcast(y.base, y.stride, m[row].base, y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.target(row) else { return }
        ck_column_sum(target.base, target.add, g.base, g.stride, g.rows, g.columns)
    }
}

extension Plan {
    /// Rows of x by number: y has the dimension of `rows`, which must have width 1; negative numbers give zero rows.
    package func take(_ x: Value, _ rows: Indices) -> Value {
        require(rows.width == 1, "take", "needs one row number a row, not \(rows.width)")
        let y = makeValue(rows.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(Take(x: x, rows: rows, y: y), "take", inputs: [x], outputs: [y])
        return y
    }

    /// One row [1 × c] in each row of a dimension.
    package func broadcast(_ row: Value, to dimension: Dimension) -> Value {
        requireRow(row, columns: row.columns, "broadcast")
        let y = makeValue(dimension, columns: row.columns, needsGradient: needsGradient([row]))
        record(Broadcast(row: row, y: y), "broadcast", inputs: [row], outputs: [y])
        return y
    }
}
