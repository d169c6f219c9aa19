import CKernels

/// y = a + alpha·b. All [n × c].
struct AddScaled: Operation {
    let a: Value
    let b: Value
    let y: Value
    let alpha: Float

    func forward(_ m: Memory) {
        let a = m[a]
        let b = m[b]
        let y = m[y]
        ck_add(y.base, y.stride, 0, a.base, a.stride, b.base, b.stride, a.rows, a.columns, alpha)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        if let target = m.target(a) {
            ck_scale(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, 1)
        }
        if let target = m.target(b) {
            ck_scale(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, alpha)
        }
    }
}

/// y = a ⊙ b. All [n × c].
struct Multiply: Operation {
    let a: Value
    let b: Value
    let y: Value

    func forward(_ m: Memory) {
        let a = m[a]
        let b = m[b]
        let y = m[y]
        ck_multiply(y.base, y.stride, 0, a.base, a.stride, b.base, b.stride, a.rows, a.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let a = m[a]
        let b = m[b]
        if let target = m.target(self.a) {
            ck_multiply(
                target.base, target.stride, target.add, g.base, g.stride, b.base, b.stride, g.rows, g.columns)
        }
        if let target = m.target(self.b) {
            ck_multiply(
                target.base, target.stride, target.add, g.base, g.stride, a.base, a.stride, g.rows, g.columns)
        }
    }
}

/// y = alpha·x. x, y [n × c].
struct Scale: Operation {
    let x: Value
    let y: Value
    let alpha: Float

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_scale(y.base, y.stride, 0, x.base, x.stride, x.rows, x.columns, alpha)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let target = m.target(x) else { return }
        ck_scale(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, alpha)
    }
}

/// y = x + one row. x, y [n × c], row [1 × c].
struct AddRow: Operation {
    let x: Value
    let row: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_add_row(y.base, y.stride, x.base, x.stride, m[row].base, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        if let target = m.target(x) {
            ck_scale(target.base, target.stride, target.add, g.base, g.stride, g.rows, g.columns, 1)
        }
        if let target = m.target(row) {
            ck_column_sum(target.base, target.add, g.base, g.stride, g.rows, g.columns)
        }
    }
}

/// y_r = column_r · x_r. x, y [n × c], column [n × 1]. Backward: gcolumn_r = gy_r · x_r.
struct ScaleRows: Operation {
    let x: Value
    let column: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        let column = m[column]
        ck_scale_rows(y.base, y.stride, 0, x.base, x.stride, column.base, column.stride, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let x = m[x]
        let column = m[column]
        if let target = m.target(self.x) {
            ck_scale_rows(
                target.base, target.stride, target.add, g.base, g.stride, column.base, column.stride, g.rows,
                g.columns)
        }
        if let target = m.target(self.column) {
            ck_row_dot(
                target.base, target.stride, target.add, g.base, g.stride, x.base, x.stride, g.rows, g.columns, 1)
        }
    }
}

extension Plan {
    /// a + b.
    package func add(_ a: Value, _ b: Value) -> Value { addScaled(a, b, 1, "add") }

    /// a − b.
    package func subtract(_ a: Value, _ b: Value) -> Value { addScaled(a, b, -1, "subtract") }

    private func addScaled(_ a: Value, _ b: Value, _ alpha: Float, _ name: String) -> Value {
        requireSame(a, b, name)
        let y = makeValue(a.dimension, columns: a.columns, needsGradient: needsGradient([a, b]))
        record(AddScaled(a: a, b: b, y: y, alpha: alpha), name, inputs: [a, b], outputs: [y])
        return y
    }

    /// a ⊙ b.
    package func multiply(_ a: Value, _ b: Value) -> Value {
        requireSame(a, b, "multiply")
        let y = makeValue(a.dimension, columns: a.columns, needsGradient: needsGradient([a, b]))
        record(Multiply(a: a, b: b, y: y), "multiply", inputs: [a, b], outputs: [y])
        return y
    }

    /// alpha·x.
    package func scale(_ x: Value, by alpha: Float) -> Value {
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(Scale(x: x, y: y, alpha: alpha), "scale", inputs: [x], outputs: [y])
        return y
    }

    /// x with one row [1 × c] added to each of its rows.
    package func addBias(_ x: Value, _ row: Value) -> Value {
        requireRow(row, columns: x.columns, "addBias")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x, row]))
        record(AddRow(x: x, row: row, y: y), "addBias", inputs: [x, row], outputs: [y])
        return y
    }

    /// Each row of x times the number in the same row of `column` [n × 1].
    package func scaleRows(_ x: Value, by column: Value) -> Value {
        require(
            column.columns == 1 && column.dimension == x.dimension, "scaleRows",
            "\(describe(x)) needs one factor a row, not \(describe(column))")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x, column]))
        record(ScaleRows(x: x, column: column, y: y), "scaleRows", inputs: [x, column], outputs: [y])
        return y
    }
}
