import CKernels

/// Cross layer of DCN-V2: y = x0 ⊙ u + x with u = h·W + b, h = x (full form) or h = x·V (low rank).
/// x0, x, y [n × d]; W [d × d], or V [d × r] and W [r × d]; b [1 × d]. Source: Wang et al. 2021, equations 1 and 2.
///
/// Backward: gu = gy ⊙ x0, gx0 = gy ⊙ u, gx = gy + gh (·Vᵀ), gh = gu·Wᵀ, gW = hᵀ·gu, gV = xᵀ·gh, gb = Σ rows of gu.
struct Cross: Operation {
    let x0: Value
    let x: Value
    let down: Value?
    let weight: Value
    let bias: Value
    let y: Value
    let u: Value
    let low: Value?
    let upGradient: Scratch
    let lowGradient: Scratch?

    func forward(_ m: Memory) {
        let x0 = m[x0]
        let x = m[x]
        let u = m[u]
        let y = m[y]
        let w = m[weight]
        var h = x
        if let down, let low {
            let v = m[down]
            h = m[low]
            m.multiply(
                .plain, x.rows, v.columns, x.columns, x.base, x.stride, v.base, v.stride, add: 0, into: h.base, h.stride
            )
        }
        m.multiply(
            .plain, h.rows, w.columns, h.columns, h.base, h.stride, w.base, w.stride, add: 0, into: u.base, u.stride)
        ck_cross(
            y.base, y.stride, u.base, u.stride, m[bias].base, x0.base, x0.stride, x.base, x.stride, y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let x0 = m[x0]
        let u = m[u]
        let gu = m.scratch(upGradient)
        let bias = m.addingTarget(bias)
        let first = m.target(self.x0)
        let through = m.target(x)
        ck_cross_gradient(
            gu, g.columns, bias?.base, first?.base, first?.stride ?? 0, first?.add ?? 0, through?.base,
            through?.stride ?? 0, through?.add ?? 0, g.base, g.stride, u.base, u.stride, x0.base, x0.stride, g.rows,
            g.columns)
        let upper = Matrix(base: gu, rows: g.rows, columns: g.columns, stride: g.columns)
        let x = m[x]
        guard let down, let low, let lowGradient else {
            product(m, x, weight, self.x, upper)
            return
        }
        let h = m[low]
        let gh = Matrix(base: m.scratch(lowGradient), rows: h.rows, columns: h.columns, stride: h.columns)
        let w = m[weight]
        m.multiply(
            .secondTransposed, h.rows, h.columns, upper.columns, upper.base, upper.stride, w.base, w.stride, add: 0,
            into: gh.base, gh.stride)
        weightGradient(m, h, weight, upper)
        product(m, x, down, self.x, gh)
    }

    private func weightGradient(_ m: Memory, _ h: Matrix, _ weight: Value, _ g: Matrix) {
        guard let target = m.target(weight) else { return }
        m.multiply(
            .firstTransposed, h.columns, g.columns, h.rows, h.base, h.stride, g.base, g.stride, add: target.add,
            into: target.base, target.stride)
    }

    /// Gradients of a product h·W given that of its result.
    private func product(_ m: Memory, _ h: Matrix, _ weight: Value, _ input: Value, _ g: Matrix) {
        weightGradient(m, h, weight, g)
        guard let target = m.target(input) else { return }
        let w = m[weight]
        m.multiply(
            .secondTransposed, h.rows, h.columns, g.columns, g.base, g.stride, w.base, w.stride, add: target.add,
            into: target.base, target.stride)
    }
}

extension Plan {
    /// x0 ⊙ (x·W + b) + x with W [d × d], b [1 × d].
    package func cross(_ x0: Value, _ x: Value, weight: Value, bias: Value) -> Value {
        require(
            weight.dimension.capacity == x.columns && weight.columns == x.columns && isFixed(weight), "cross",
            "the weight must be \(x.columns) × \(x.columns), is \(describe(weight))")
        return recordCross(x0, x, nil, weight, bias)
    }

    /// x0 ⊙ ((x·V)·U + b) + x with V = `down` [d × r], U = `up` [r × d], b [1 × d].
    package func crossLowRank(_ x0: Value, _ x: Value, down: Value, up: Value, bias: Value) -> Value {
        require(
            down.dimension.capacity == x.columns && isFixed(down) && up.dimension.capacity == down.columns
                && isFixed(up) && up.columns == x.columns, "crossLowRank",
            "\(describe(down)) and \(describe(up)) do not fit \(x.columns) columns")
        return recordCross(x0, x, down, up, bias)
    }

    private func recordCross(_ x0: Value, _ x: Value, _ down: Value?, _ weight: Value, _ bias: Value) -> Value {
        requireSame(x0, x, "cross")
        requireRow(bias, columns: x.columns, "cross")
        if let matrix = packed(weight) {
            let h = down.map { linear(x, $0) } ?? x
            return packedProduct(
                [PackedProduct.Term(x: h, weight: .matrix(matrix))], bias: bias, ending: .cross(x0: x0, x: x),
                columns: x.columns)
        }
        let inputs = [x0, x, weight, bias] + (down.map { [$0] } ?? [])
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient(inputs))
        let u = auxiliary(x.dimension, columns: x.columns)
        let low = down.map { auxiliary(x.dimension, columns: $0.columns) }
        let room = x.dimension.capacity
        record(
            Cross(
                x0: x0, x: x, down: down, weight: weight, bias: bias, y: y, u: u, low: low,
                upGradient: scratch(room * x.columns), lowGradient: down.map { scratch(room * $0.columns) }),
            "cross", inputs: inputs, outputs: [y], auxiliaries: [u] + (low.map { [$0] } ?? []))
        return y
    }
}
