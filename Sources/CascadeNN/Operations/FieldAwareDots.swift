import CKernels

/// y_(i,j) = x_ij · x_ji for all i < j, where x_ij, block i·F + j of F·F blocks of width d, is field i as field j meets
/// it; the blocks x_ii are not read. x [n × F·F·d], y [n × F(F−1)/2], pairs in the order (0,1), (0,2) … (1,2) …
///
/// Backward: gx_ij = gy_(i,j) x_ji, gx_ji = gy_(i,j) x_ij. Source: Juan et al. 2016, equation 4.
struct FieldAwareDots: Operation {
    let x: Value
    let y: Value
    let fields: Int

    private var width: Int { x.columns / (fields * fields) }

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_crossed_dots(y.base, y.stride, x.base, x.stride, x.rows, fields, width)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.addingTarget(x) else { return }
        let x = m[x]
        ck_crossed_dots_gradient(t.base, t.stride, g.base, g.stride, x.base, x.stride, x.rows, fields, width)
    }
}

extension Plan {
    /// The dot products x_ij · x_ji of all pairs of `fields` fields, each with an own block for every field:
    /// [n × f(f−1)/2].
    package func fieldAwareDots(_ x: Value, fields: Int) -> Value {
        guard fields > 1, x.columns % (fields * fields) == 0 else {
            fail(
                .shape(
                    operation: "fieldAwareDots",
                    detail: "\(x.columns) columns cannot be \(fields) × \(fields) blocks"))
            return x
        }
        let y = makeValue(x.dimension, columns: fields * (fields - 1) / 2, needsGradient: needsGradient([x]))
        record(FieldAwareDots(x: x, y: y, fields: fields), "fieldAwareDots", inputs: [x], outputs: [y])
        return y
    }
}
