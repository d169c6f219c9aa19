import CKernels

/// y_r = a_r · b_r. a, b [n × c], y [n × 1].
struct RowDot: Operation {
    let a: Value
    let b: Value
    let y: Value

    func forward(_ m: Memory) {
        let a = m[a]
        let b = m[b]
        let y = m[y]
        ck_row_dot(y.base, y.stride, 0, a.base, a.stride, b.base, b.stride, a.rows, a.columns, 1)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let a = m[a]
        let b = m[b]
        if let t = m.target(self.a) {
            ck_scale_rows(t.base, t.stride, t.add, b.base, b.stride, g.base, g.stride, b.rows, b.columns)
        }
        if let t = m.target(self.b) {
            ck_scale_rows(t.base, t.stride, t.add, a.base, a.stride, g.base, g.stride, a.rows, a.columns)
        }
    }
}

/// y_r,(i,j) = x_r,i · x_r,j for all i < j over f fields of width w. x [n × f·w], y [n × f(f−1)/2], pairs in the order
/// (0,1), (0,2) … (1,2) … Source: the interaction of DLRM (Naumov et al. 2019) and of factorisation machines.
struct PairwiseDots: Operation {
    let x: Value
    let y: Value
    let fields: Int

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_pairwise_dots(y.base, y.stride, x.base, x.stride, x.rows, fields, x.columns / fields)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.addingTarget(x) else { return }
        let x = m[x]
        ck_pairwise_dots_gradient(
            t.base, t.stride, g.base, g.stride, x.base, x.stride, x.rows, fields, x.columns / fields)
    }
}

extension Plan {
    /// The dot product of each row of a with the same row of b: [n × 1].
    package func rowDot(_ a: Value, _ b: Value) -> Value {
        requireSame(a, b, "rowDot")
        let y = makeValue(a.dimension, columns: 1, needsGradient: needsGradient([a, b]))
        record(RowDot(a: a, b: b, y: y), "rowDot", inputs: [a, b], outputs: [y])
        return y
    }

    /// The dot products of all pairs of `fields` equal blocks of columns: [n × f(f−1)/2].
    package func pairwiseDots(_ x: Value, fields: Int) -> Value {
        guard fields > 1, x.columns % fields == 0 else {
            fail(.shape(operation: "pairwiseDots", detail: "\(x.columns) columns cannot be \(fields) fields"))
            return x
        }
        let y = makeValue(x.dimension, columns: fields * (fields - 1) / 2, needsGradient: needsGradient([x]))
        record(PairwiseDots(x: x, y: y, fields: fields), "pairwiseDots", inputs: [x], outputs: [y])
        return y
    }
}
