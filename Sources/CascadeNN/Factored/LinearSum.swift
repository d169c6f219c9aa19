import CKernels

/// y = f(Σ_k x_k·W_k + b): a linear map of columns that lie in several matrices. x_k [n × c_k], W_k [c_k × m], b [1 × m],
/// y [n × m]. Forward only.
struct LinearSum: Operation {
    struct Term {
        let x: Value
        let weight: Value
    }

    let terms: [Term]
    let bias: Value?
    let y: Value
    let activation: Activation

    func forward(_ m: Memory) {
        let y = m[y]
        for index in terms.indices {
            let x = m[terms[index].x]
            let w = m[terms[index].weight]
            BLAS.multiply(
                .plain, x.rows, w.columns, x.columns, x.base, x.stride, w.base, w.stride, add: index == 0 ? 0 : 1,
                into: y.base, y.stride)
        }
        guard bias != nil || activation != .none else { return }
        ck_bias_activate(
            activation.code, y.base, y.stride, nil, 0, bias.map { UnsafePointer(m[$0].base) }, y.rows, y.columns)
    }

    func backward(_ m: Memory) {}
}

/// y = x₀ ⊙ (u + b) + x, the end of a cross layer whose product is made elsewhere. x₀, u, x, y [n × c], b [1 × c]. u is
/// overwritten. Forward only.
struct CrossGate: Operation {
    let x0: Value
    let u: Value
    let bias: Value
    let x: Value
    let y: Value

    func forward(_ m: Memory) {
        let x0 = m[x0]
        let u = m[u]
        let x = m[x]
        let y = m[y]
        ck_cross(
            y.base, y.stride, u.base, u.stride, m[bias].base, x0.base, x0.stride, x.base, x.stride, y.rows, y.columns)
    }

    func backward(_ m: Memory) {}
}

/// y = x with each column times the number that a row holds for it. x, y [n × c], row [1 × c]. Forward only.
struct ScaleColumns: Operation {
    let x: Value
    let row: Value
    let y: Value

    func forward(_ m: Memory) {
        let x = m[x]
        let y = m[y]
        ck_scale_columns(y.base, y.stride, 0, x.base, x.stride, m[row].base, x.rows, x.columns, 1)
    }

    func backward(_ m: Memory) {}
}

extension Plan {
    /// f(Σ x_k·W_k + b) for terms x_k [n × c_k], W_k [c_k × m] in a fixed dimension, b [1 × m]; at least one term, only in an
    /// inference plan.
    func linearSum(
        _ terms: [LinearSum.Term], bias: Value? = nil, activation: Activation = .none, columns: Int
    ) -> Value {
        requireInference("linearSum")
        guard let first = terms.first else {
            fail(.shape(operation: "linearSum", detail: "has no terms"))
            return makeValue(fixed(1), columns: columns, needsGradient: false)
        }
        for term in terms {
            require(
                term.x.dimension == first.x.dimension && term.weight.dimension.capacity == term.x.columns
                    && isFixed(term.weight) && term.weight.columns == columns, "linearSum",
                "\(describe(term.x)) and \(describe(term.weight)) do not fit \(columns) columns")
        }
        if let bias { requireRow(bias, columns: columns, "linearSum") }
        let y = makeValue(first.x.dimension, columns: columns, needsGradient: false)
        record(
            LinearSum(terms: terms, bias: bias, y: y, activation: activation), "linearSum",
            inputs: terms.flatMap { [$0.x, $0.weight] } + (bias.map { [$0] } ?? []), outputs: [y])
        return y
    }

    /// x₀ ⊙ (u + b) + x, where `u` is read by nothing else; only in an inference plan.
    func crossGate(_ x0: Value, _ u: Value, bias: Value, _ x: Value) -> Value {
        requireInference("crossGate")
        requireSame(x0, u, "crossGate")
        requireSame(x0, x, "crossGate")
        requireRow(bias, columns: x.columns, "crossGate")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: false)
        record(
            CrossGate(x0: x0, u: u, bias: bias, x: x, y: y), "crossGate", inputs: [x0, u, bias, x], outputs: [y])
        return y
    }

    /// Each column of x times the number in the same column of `row` [1 × c]; only in an inference plan.
    func scaleColumns(_ x: Value, by row: Value) -> Value {
        requireInference("scaleColumns")
        requireRow(row, columns: x.columns, "scaleColumns")
        let y = makeValue(x.dimension, columns: x.columns, needsGradient: false)
        record(ScaleColumns(x: x, row: row, y: y), "scaleColumns", inputs: [x, row], outputs: [y])
        return y
    }

    /// A value in whose dimension there is room for one row, as one row that is always there: a view without a copy.
    func oneRow(_ x: Value) -> Value {
        require(x.dimension.capacity == 1, "oneRow", "\(describe(x)) has room for \(x.dimension.capacity) rows")
        return makeView(of: x, dimension: fixed(1), columns: x.columns, column: 0)
    }

    private func requireInference(_ operation: String) {
        require(mode == .inference, operation, "has no gradient; record it in an inference plan")
    }
}
