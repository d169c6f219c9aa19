import CKernels

/// y = f(x·W + b). x [n × k], W [k × m] (that is [in × out]), b [1 × m], y [n × m].
///
/// Backward: gz = gy ⊙ f'(z), gx = gz·Wᵀ, gW = xᵀ·gz, gb = Σ rows of gz.
struct Linear: Operation {
    let x: Value
    let weight: Value
    let bias: Value?
    let y: Value
    let activation: Activation
    /// z, where the slope of the activation needs it.
    let before: Value?
    let slope: Scratch?

    func forward(_ m: Memory) {
        let x = m[x]
        let w = m[weight]
        let y = m[y]
        m.multiply(
            .plain, x.rows, w.columns, x.columns, x.base, x.stride, w.base, w.stride, add: 0, into: y.base, y.stride)
        guard bias != nil || activation != .none else { return }
        let kept = before.map { m[$0] }
        ck_bias_activate(
            activation.code, y.base, y.stride, kept?.base, kept?.stride ?? 0, bias.map { UnsafePointer(m[$0].base) },
            y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        var g = m.gradient(y)
        let w = m[weight]
        let x = m[x]
        if let slope {
            let kept = before.map { m[$0] }
            let y = m[y]
            let target = bias.flatMap { m.addingTarget($0) }
            let room = m.scratch(slope)
            ck_bias_activate_gradient(
                activation.code, room, g.columns, target?.base, g.base, g.stride, kept?.base, kept?.stride ?? 0,
                y.base, y.stride, g.rows, g.columns)
            g = Matrix(base: room, rows: g.rows, columns: g.columns, stride: g.columns)
        } else if let bias, let target = m.target(bias) {
            ck_column_sum(target.base, target.add, g.base, g.stride, g.rows, g.columns)
        }
        if let target = m.target(weight) {
            m.multiply(
                .firstTransposed, x.columns, g.columns, x.rows, x.base, x.stride, g.base, g.stride, add: target.add,
                into: target.base, target.stride)
        }
        if let target = m.target(self.x) {
            m.multiply(
                .secondTransposed, x.rows, x.columns, g.columns, g.base, g.stride, w.base, w.stride, add: target.add,
                into: target.base, target.stride)
        }
    }
}

extension Plan {
    /// f(x·W + b) for x [n × in], W [in × out] in a fixed dimension, b [1 × out].
    package func linear(
        _ x: Value, _ weight: Value, bias: Value? = nil, activation: Activation = .none
    ) -> Value {
        require(
            weight.dimension.capacity == x.columns, "linear",
            "x has \(x.columns) columns, the weight \(weight.dimension.capacity) rows")
        require(isFixed(weight), "linear", "the weight must have a fixed number of rows")
        if let bias { requireRow(bias, columns: weight.columns, "linear") }
        if let matrix = packed(weight) {
            let rectifies = activation == .relu && bias != nil
            let y = packedProduct(
                [PackedProduct.Term(x: x, weight: .matrix(matrix))], bias: bias,
                ending: rectifies ? .rectify : .none, columns: weight.columns)
            return rectifies || activation == .none ? y : activate(y, activation)
        }
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        let y = makeValue(x.dimension, columns: weight.columns, needsGradient: needsGradient(inputs))
        let training = values[y.index].needsGradient
        let before =
            training && activation.slopeNeedsInput ? auxiliary(x.dimension, columns: weight.columns) : nil
        let slope = training && activation != .none ? scratch(x.dimension.capacity * weight.columns) : nil
        record(
            Linear(x: x, weight: weight, bias: bias, y: y, activation: activation, before: before, slope: slope),
            "linear", inputs: inputs, outputs: [y], auxiliaries: before.map { [$0] } ?? [])
        return y
    }

    func isFixed(_ value: Value) -> Bool {
        dimensions[value.dimension.index].fixed
    }

    /// Remembers a misfit unless `row` is one row of `columns`.
    func requireRow(_ row: Value, columns: Int, _ operation: String) {
        require(
            isFixed(row) && row.dimension.capacity == 1 && row.columns == columns, operation,
            "needs one row of \(columns) columns, has \(row.dimension.capacity) × \(row.columns)")
    }

    /// Remembers a misfit unless both have the same dimension and columns.
    func requireSame(_ a: Value, _ b: Value, _ operation: String) {
        require(
            a.dimension == b.dimension && a.columns == b.columns, operation,
            "operands are \(describe(a)) and \(describe(b))")
    }

    func describe(_ value: Value) -> String {
        "[\(dimensions[value.dimension.index].name) × \(value.columns)]"
    }
}
