import CKernels

/// A linear map for each of F fields of unequal widths k_f, all to the same width:
/// y[:, f·m ..< (f+1)·m] = x_f·W_f + b_f. x [n × Σ k_f], W [Σ k_f × m] (the W_f below each other), b [1 × F·m],
/// y [n × F·m].
///
/// Backward: gx_f = gy_f·W_fᵀ, gW_f = x_fᵀ·gy_f, gb = Σ rows of gy.
struct FieldLinear: Operation {
    let x: Value
    let weight: Value
    let bias: Value?
    let y: Value
    let widths: [Int]

    func forward(_ m: Memory) {
        let x = m[x]
        let w = m[weight]
        let y = m[y]
        var start = 0
        for field in widths.indices {
            m.multiply(
                .plain, x.rows, w.columns, widths[field], x.base + start, x.stride, w.base + start * w.stride, w.stride,
                add: 0, into: y.base + field * w.columns, y.stride)
            start += widths[field]
        }
        guard let bias else { return }
        ck_add_row(y.base, y.stride, y.base, y.stride, m[bias].base, y.rows, y.columns)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let x = m[x]
        let w = m[weight]
        if let bias, let target = m.target(bias) {
            ck_column_sum(target.base, target.add, g.base, g.stride, g.rows, g.columns)
        }
        let gw = m.target(weight)
        let gx = m.target(self.x)
        var start = 0
        for field in widths.indices {
            let part = g.base + field * w.columns
            if let gw {
                m.multiply(
                    .firstTransposed, widths[field], w.columns, x.rows, x.base + start, x.stride, part, g.stride,
                    add: gw.add, into: gw.base + start * gw.stride, gw.stride)
            }
            if let gx {
                m.multiply(
                    .secondTransposed, x.rows, widths[field], w.columns, part, g.stride, w.base + start * w.stride,
                    w.stride, add: gx.add, into: gx.base + start, gx.stride)
            }
            start += widths[field]
        }
    }
}

extension Plan {
    /// An own linear map for each block of columns, block f being `widths[f]` wide, to blocks of `weight.columns`:
    /// [n × F·m]. The rows of `weight` are those of the columns of x.
    package func fieldLinear(_ x: Value, widths: [Int], weight: Value, bias: Value? = nil) -> Value {
        guard !widths.isEmpty, widths.allSatisfy({ $0 > 0 }), widths.reduce(0, +) == x.columns, isFixed(weight),
            weight.dimension.capacity == x.columns
        else {
            fail(
                .shape(
                    operation: "fieldLinear",
                    detail: "\(describe(x)) in fields of \(widths) does not fit the weight \(describe(weight))"))
            return x
        }
        let columns = widths.count * weight.columns
        if let bias { requireRow(bias, columns: columns, "fieldLinear") }
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        let y = makeValue(x.dimension, columns: columns, needsGradient: needsGradient(inputs))
        record(
            FieldLinear(x: x, weight: weight, bias: bias, y: y, widths: widths), "fieldLinear", inputs: inputs,
            outputs: [y])
        return y
    }
}
