import CKernels

/// y = ½((Σ_f x_f)² − Σ_f x_f²) = Σ_{e<f} x_e ⊙ x_f over F fields of width d. x [n × F·d], y [n × d].
///
/// Backward: gx_f = gy ⊙ (Σ_e x_e − x_f). Source: the second-order term of factorisation machines, Rendle 2010,
/// lemma 3.1; its sum over the columns is the sum of all pairwise dot products.
struct SecondOrder: Operation {
    let x: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_second_order(y.base, y.stride, x.base, x.stride, x.rows, x.columns / y.columns, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.target(x) else { return }
        let x = m[x]
        ck_second_order_gradient(
            t.base, t.stride, t.add, g.base, g.stride, x.base, x.stride, x.rows, x.columns / g.columns, g.columns)
    }
}

extension Plan {
    /// The sum of the element-wise products of all pairs of `fields` equal blocks of columns: [n × d].
    package func secondOrder(_ x: Value, fields: Int) -> Value {
        guard fields > 1, x.columns % fields == 0 else {
            fail(.shape(operation: "secondOrder", detail: "\(x.columns) columns cannot be \(fields) fields"))
            return x
        }
        let y = makeValue(x.dimension, columns: x.columns / fields, needsGradient: needsGradient([x]))
        record(SecondOrder(x: x, y: y), "secondOrder", inputs: [x], outputs: [y])
        return y
    }
}
