import CKernels

/// y = softmax or log-softmax of each row. x, y [n × c].
///
/// Backward: gx = y ⊙ (gy − gy·y), or gx = gy − e^y · Σ gy.
struct Softmax: Operation {
    let x: Value
    let y: Value
    let logarithm: Bool

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        if logarithm {
            ck_log_softmax(y.base, y.stride, x.base, x.stride, x.rows, x.columns)
        } else {
            ck_softmax(y.base, y.stride, x.base, x.stride, x.rows, x.columns)
        }
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        guard let t = m.target(x) else { return }
        let y = m[y]
        if logarithm {
            ck_log_softmax_gradient(
                t.base, t.stride, t.add, g.base, g.stride, y.base, y.stride, y.rows, y.columns)
        } else {
            ck_softmax_gradient(t.base, t.stride, t.add, g.base, g.stride, y.base, y.stride, y.rows, y.columns)
        }
    }
}

extension Plan {
    /// Softmax of each row.
    package func softmax(_ x: Value) -> Value { recordSoftmax(x, logarithm: false) }

    /// Logarithm of the softmax of each row.
    package func logSoftmax(_ x: Value) -> Value { recordSoftmax(x, logarithm: true) }

    private func recordSoftmax(_ x: Value, logarithm: Bool) -> Value {
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: needsGradient([x]))
        record(
            Softmax(x: x, y: y, logarithm: logarithm), logarithm ? "logSoftmax" : "softmax", inputs: [x], outputs: [y])
        return y
    }
}
