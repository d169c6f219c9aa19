import CKernels

/// y = x · |x| / (1 + |x|²), row by row: the direction of x with a length below one, near zero for a short x. x, y [n × c].
/// gx = f gy + x (x·gy) (1 − |x|²) / ((1 + |x|²)² |x|), f = |x| / (1 + |x|²); zeros for a row of zeros.
///
/// Source: Sabour, Frosst and Hinton 2017.
struct Squash: Operation {
    let x: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_squash(y.base, y.stride, x.base, x.stride, x.rows, x.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.target(x) else { return }
        let x = m[x]
        ck_squash_gradient(t.base, t.stride, t.add, g.base, g.stride, x.base, x.stride, x.rows, x.columns)
    }
}

extension Plan {
    /// Each row with its length l brought to l² / (1 + l²).
    package func squash(_ x: Value) -> Value {
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(Squash(x: x, y: y), "squash", inputs: [x], outputs: [y])
        return y
    }
}
