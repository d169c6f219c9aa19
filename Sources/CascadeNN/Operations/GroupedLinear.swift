import CKernels

/// A block-diagonal linear map: z[:, g·m ..< (g+1)·m] = x[:, g·k ..< (g+1)·k] · W_g, y = f(z + b).
/// x [n × G·k], W [G·k × m] (the blocks below each other), b [1 × G·m], y [n × G·m].
struct GroupedLinear: Operation {
    let x: Value
    let weight: Value
    let bias: Value?
    let y: Value
    let groups: Int
    let activation: Activation
    let before: Value?
    let slope: Scratch

    private var inner: Int { x.columns / groups }

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        let w = m[weight]
        ck_grouped(y.base, y.stride, x.base, x.stride, w.base, x.rows, groups, inner, w.columns)
        guard bias != nil || activation != .none else { return }
        let kept = before.map { m[$0] }
        ck_bias_activate(
            activation.code, y.base, y.stride, kept?.base, kept?.stride ?? 0, bias.map { UnsafePointer(m[$0].base) },
            y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let y = m[y]
        let x = m[x]
        let w = m[weight]
        let kept = before.map { m[$0] }
        let gz = m.scratch(slope)
        let gbias = bias.flatMap { m.addingTarget($0) }
        ck_bias_activate_gradient(
            activation.code, gz, g.columns, gbias?.base, g.base, g.stride, kept?.base, kept?.stride ?? 0, y.base,
            y.stride, g.rows, g.columns)
        let gx = m.addingTarget(self.x)
        let gw = m.addingTarget(weight)
        ck_grouped_gradient(
            gx?.base, gx?.stride ?? 0, gw?.base, gz, g.columns, x.base, x.stride, w.base, x.rows, groups, inner,
            w.columns)
    }
}

extension Plan {
    /// An own small linear map for each of `groups` equal blocks of columns.
    package func groupedLinear(
        _ x: Value, groups: Int, weight: Value, bias: Value?, activation: Activation = .none
    ) -> Value {
        guard groups > 0, x.columns % groups == 0, weight.dimension.capacity == x.columns, isFixed(weight),
            values[rootIndex(weight.index)].columns == weight.columns
        else {
            fail(
                .shape(
                    operation: "groupedLinear",
                    detail: "\(describe(x)) in \(groups) groups does not fit the weight \(describe(weight))"))
            return x
        }
        let columns = groups * weight.columns
        if let bias { requireRow(bias, columns: columns, "groupedLinear") }
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        let y = makeValue(x.dimension, columns: columns, needsGradient: needsGradient(inputs))
        let keeps = values[y.index].needsGradient && activation.slopeNeedsInput
        let before = keeps ? auxiliary(x.dimension, columns: columns) : nil
        record(
            GroupedLinear(
                x: x, weight: weight, bias: bias, y: y, groups: groups, activation: activation, before: before,
                slope: scratch(x.dimension.capacity * columns)),
            "groupedLinear", inputs: inputs, outputs: [y], auxiliaries: before.map { [$0] } ?? [])
        return y
    }
}
