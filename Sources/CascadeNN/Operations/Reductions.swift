import CKernels

/// y = Σ of all elements, divided by the elements of the whole batch for a mean. x [n × c], y [1 × 1].
struct Reduce: Operation {
    let x: Value
    let y: Value
    let mean: Bool

    private func factor(_ m: Memory) -> Double {
        mean ? 1 / Double(max(m.batchRows(x.dimension) * x.columns, 1)) : 1
    }

    func forward(_ m: Memory) {
        let x = m[x]
        m[y].base.pointee = Float(ck_sum(x.base, x.stride, x.rows, x.columns) * factor(m))
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y).base.pointee * Float(factor(m))
        guard let t = m.target(x) else { return }
        let rows = m.rows(x.dimension)
        // A shared row of ones would cost a read of the whole matrix; adding a constant needs none.
        if t.add == 0 {
            ck_fill(t.base, t.stride, rows, x.columns, g)
        } else {
            ck_add_constant(t.base, t.stride, rows, x.columns, g)
        }
    }
}

/// y = Σ_i w_i x_i over scalars [1 × 1] with constant weights.
struct WeightedSum: Operation {
    struct Term {
        var value: Value
        var weight: Float
    }

    let terms: [Term]
    let y: Value

    func forward(_ m: Memory) {
        var total: Float = 0
        for index in terms.indices { total += terms[index].weight * m[terms[index].value].base.pointee }
        m[y].base.pointee = total
    }

    func backward(_ m: Memory) {
        let g = m.gradient(y).base.pointee
        for index in terms.indices {
            guard let t = m.addingTarget(terms[index].value) else { continue }
            t.base.pointee += terms[index].weight * g
        }
    }
}

extension Plan {
    /// The sum of all elements of x.
    package func sum(_ x: Value) -> Value { reduce(x, mean: false) }

    /// The mean of all elements of x, over the rows of all workers.
    package func mean(_ x: Value) -> Value { reduce(x, mean: true) }

    private func reduce(_ x: Value, mean: Bool) -> Value {
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient([x]))
        record(Reduce(x: x, y: y, mean: mean), mean ? "mean" : "sum", inputs: [x], outputs: [y])
        return y
    }

    /// Σ weight · scalar: several losses as one.
    package func weightedSum(_ terms: [(Value, Float)]) -> Value {
        for (value, _) in terms {
            require(
                value.columns == 1 && isFixed(value) && value.dimension.capacity == 1, "weightedSum",
                "\(describe(value)) is not a scalar")
        }
        let inputs = terms.map(\.0)
        let y = makeValue(fixed(1), columns: 1, needsGradient: needsGradient(inputs))
        record(
            WeightedSum(terms: terms.map { .init(value: $0.0, weight: $0.1) }, y: y), "weightedSum", inputs: inputs,
            outputs: [y])
        return y
    }
}
