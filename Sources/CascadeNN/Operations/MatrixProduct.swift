/// y = a·b or a·bᵀ. a [n × k], b [k × m] or, transposed, [m × k]; y [n × m].
struct MatrixProduct: Operation {
    let a: Value
    let b: Value
    let y: Value
    let transposed: Bool

    func forward(_ m: Memory) {
        let a = m[a]
        let b = m[b]
        let y = m[y]
        m.multiply(
            transposed ? .secondTransposed : .plain, a.rows, y.columns, a.columns, a.base, a.stride, b.base, b.stride,
            add: 0,
            into: y.base, y.stride)
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y)
        let a = m[a]
        let b = m[b]
        if let target = m.target(self.a) {
            m.multiply(
                transposed ? .plain : .secondTransposed, a.rows, a.columns, g.columns, g.base, g.stride, b.base,
                b.stride,
                add: target.add, into: target.base, target.stride)
        }
        guard let target = m.target(self.b) else { return }
        if transposed {
            m.multiply(
                .firstTransposed, g.columns, a.columns, a.rows, g.base, g.stride, a.base, a.stride, add: target.add,
                into: target.base, target.stride)
        } else {
            m.multiply(
                .firstTransposed, a.columns, g.columns, a.rows, a.base, a.stride, g.base, g.stride, add: target.add,
                into: target.base, target.stride)
        }
    }
}

extension Plan {
    /// a·b, or a·bᵀ if `transposed`; b must be in a fixed dimension.
    package func matmul(_ a: Value, _ b: Value, transposed: Bool = false) -> Value {
        let inner = transposed ? b.columns : b.dimension.capacity
        let columns = transposed ? b.dimension.capacity : b.columns
        require(isFixed(b), "matmul", "the second operand must have a fixed number of rows")
        require(inner == a.columns, "matmul", "\(describe(a)) does not fit \(describe(b))")
        let y = makeValue(a.dimension, columns: columns, needsGradient: needsGradient([a, b]))
        record(MatrixProduct(a: a, b: b, y: y, transposed: transposed), "matmul", inputs: [a, b], outputs: [y])
        return y
    }
}
