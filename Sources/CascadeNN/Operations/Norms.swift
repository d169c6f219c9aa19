import CKernels

/// Layer norm y = (x − mean)/√(var + ε) ⊙ gain + bias, or RMS norm y = x/√(mean x² + ε) ⊙ gain, row by row.
/// x, y [n × c], gain, bias [1 × c]; `stats` keeps (mean, 1/deviation) of each row.
struct Norm: Operation {
    let x: Value
    let gain: Value
    let bias: Value?
    let y: Value
    let stats: Value
    let epsilon: Float

    private var centre: Int32 { bias == nil ? 0 : 1 }

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_norm(
            centre, y.base, y.stride, m[stats].base, x.base, x.stride, m[gain].base,
            bias.map { UnsafePointer(m[$0].base) }, epsilon, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let ggain = m.addingTarget(gain)
        let gbias = bias.flatMap { m.addingTarget($0) }
        let gx = m.target(x)
        let x = m[x]
        ck_norm_gradient(
            centre, gx?.base, gx?.stride ?? 0, gx?.add ?? 0, ggain?.base, gbias?.base, g.base, g.stride, x.base,
            x.stride, m[gain].base, m[stats].base, x.rows, x.columns)
    }
}

/// y = x / max(|x|, ε), row by row. x, y [n × c]. gx = (gy − y (gy·y)) / |x|, or gy / ε where ε rules.
struct UnitRows: Operation {
    let x: Value
    let y: Value
    let scales: Value
    let epsilon: Float

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_unit_rows(y.base, y.stride, m[scales].base, x.base, x.stride, epsilon, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.target(x) else { return }
        let y = m[y]
        ck_unit_rows_gradient(
            t.base, t.stride, t.add, g.base, g.stride, y.base, y.stride, m[scales].base, y.rows, y.columns)
    }
}

extension Plan {
    /// Layer norm of each row; gain and bias [1 × c].
    package func layerNorm(_ x: Value, gain: Value, bias: Value, epsilon: Float = 1e-5) -> Value {
        requireRow(bias, columns: x.columns, "layerNorm")
        return recordNorm(x, gain, bias, epsilon, "layerNorm")
    }

    /// Root-mean-square norm of each row; gain [1 × c].
    package func rmsNorm(_ x: Value, gain: Value, epsilon: Float = 1e-6) -> Value {
        recordNorm(x, gain, nil, epsilon, "rmsNorm")
    }

    private func recordNorm(
        _ x: Value, _ gain: Value, _ bias: Value?, _ epsilon: Float, _ name: String
    ) -> Value {
        requireRow(gain, columns: x.columns, name)
        let inputs = [x, gain] + (bias.map { [$0] } ?? [])
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient(inputs))
        let stats = auxiliary(x.dimension, columns: 2)
        record(
            Norm(x: x, gain: gain, bias: bias, y: y, stats: stats, epsilon: epsilon), name, inputs: inputs,
            outputs: [y], auxiliaries: [stats])
        return y
    }

    /// Each row divided by its length, or by epsilon if that is larger.
    package func normalizeRows(_ x: Value, epsilon: Float = 1e-6) -> Value {
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        let scales = auxiliary(x.dimension, columns: 1)
        record(
            UnitRows(x: x, y: y, scales: scales, epsilon: epsilon), "normalizeRows", inputs: [x], outputs: [y],
            auxiliaries: [scales])
        return y
    }
}
