import CKernels

/// y = x with each column times the number that a row holds for it. x, y [n × c], row [1 × c]. Forward only.
struct ScaleColumns: Operation {
    let x: Value
    let row: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_scale_columns(y.base, y.stride, 0, x.base, x.stride, m[row].base, x.rows, x.columns, 1)
    }

    func backward(_ m: Memory) {}
}

extension Plan {
    /// row ⊙ (x·W) + x with W [c × c] of the weights, row [1 × c]; only in a plan that packs.
    func cross(_ x: Value, _ weight: Value, scaledBy row: Value) -> Value {
        packedProduct(
            [packedTerm(x, weight)].compactMap(\.self), bias: nil, ending: .cross(x0: row, x: x), columns: x.columns)
    }

    /// Each column of x times the number in the same column of `row` [1 × c]; only in an inference plan.
    func scaleColumns(_ x: Value, by row: Value) -> Value {
        require(mode == .inference, "scaleColumns", "has no gradient; record it in an inference plan")
        requireRow(row, columns: x.columns, "scaleColumns")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: false)
        record(ScaleColumns(x: x, row: row, y: y), "scaleColumns", inputs: [x, row], outputs: [y])
        return y
    }
}
