import CKernels

/// y_f = (cos 2πc_f1 x_f … cos 2πc_fk x_f, sin 2πc_f1 x_f … sin 2πc_fk x_f) for each of F numbers with k coefficients of its
/// own. x [n × F], c [F × k], y [n × F·2k]. Products c·x of 2²² and more have no phase left in a float and count as 0.
///
/// Backward, with t = 2π(gsin cos − gcos sin): gx_f = Σ_j c_fj t_fj, gc_fj = Σ_rows x_f t_fj. Source: Gorishniy, Rubachev
/// and Babenko 2022, section 3.3.
struct Periodic: Operation {
    let x: Value
    let coefficients: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let c = m[coefficients]
        let y = m[y]
        ck_periodic(y.base, y.stride, x.base, x.stride, c.base, c.stride, x.rows, x.columns, c.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let gx = m.addingTarget(self.x)
        let gc = m.addingTarget(coefficients)
        let x = m[x]
        let c = m[coefficients]
        let y = m[y]
        ck_periodic_gradient(
            gx?.base, gx?.stride ?? 0, gc?.base, gc?.stride ?? 0, g.base, g.stride, y.base, y.stride, x.base, x.stride,
            c.base, c.stride, x.rows, x.columns, c.columns)
    }
}

extension Plan {
    /// Waves of each number in x [n × F]: for column f the cosines, then the sines of 2π · coefficients[f, :] · x_f,
    /// [n × F·2k] for coefficients [F × k] in a fixed dimension.
    package func periodic(_ x: Value, coefficients: Value) -> Value {
        require(
            isFixed(coefficients) && coefficients.dimension.capacity == x.columns, "periodic",
            "\(describe(x)) needs one row of coefficients a column, has \(describe(coefficients))")
        let inputs = [x, coefficients]
        let y = makeValue(
            x.dimension, columns: 2 * x.columns * coefficients.columns, needsGradient: needsGradient(inputs))
        record(Periodic(x: x, coefficients: coefficients, y: y), "periodic", inputs: inputs, outputs: [y])
        return y
    }
}
