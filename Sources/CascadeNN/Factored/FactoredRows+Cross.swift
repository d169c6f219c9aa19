extension FactoredRows {
    /// A cross layer of full matrices over these rows, x₀ ⊙ (x·W + b) + x; `first` are the rows x₀ with the same pieces.
    package func cross(_ first: FactoredRows, weight: Parameter, bias: Parameter) -> FactoredRows {
        guard let factoring, let shared, let c = first.shared?.offset else {
            return FactoredRows(
                plan,
                plan.cross(
                    first.pieces[0].value, pieces[0].value, weight: plan.parameter(weight),
                    bias: plan.parameter(bias)))
        }
        let once = factoring.once
        let s = shared.columns
        let crossed = zip(first.pieces, pieces).map { x0, x in
            Piece(
                columns: x.columns,
                value: product(
                    x.columns, of: weight, bias: once.slice(once.parameter(bias), columns: x.columns), factoring,
                    shared, ending: .cross(x0: x0.value, x: x.value)))
        }
        let own = once.slice(once.parameter(weight, rows: s), columns: s)
        var next = shared
        next.offset = once.cross(
            c, shared.offset, weight: own, bias: once.slice(once.parameter(bias), columns: s))
        next.terms = shared.terms.map { term in
            factoring.account(cost: term.columns.columns * s.count * s.count, saving: 0)
            return (term.columns, once.cross(term.map, own, scaledBy: c))
        }
        for piece in pieces {
            let map = once.slice(once.parameter(weight, rows: piece.columns), columns: s)
            next.terms.append((piece.value, once.scaleColumns(map, by: c)))
        }
        factoring.account(cost: s.count * s.count, saving: columns * s.count)
        return FactoredRows(plan: plan, factoring: factoring, pieces: crossed, shared: next, columns: columns)
    }

    /// A cross layer of low rank over these rows, x₀ ⊙ ((x·V)·U + b) + x; `first` are the rows x₀ with the same pieces.
    package func cross(_ first: FactoredRows, down: Parameter, up: Parameter, bias: Parameter) -> FactoredRows {
        guard let factoring, let shared, let c = first.shared?.offset else {
            return FactoredRows(
                plan,
                plan.crossLowRank(
                    first.pieces[0].value, pieces[0].value, down: plan.parameter(down), up: plan.parameter(up),
                    bias: plan.parameter(bias)))
        }
        let once = factoring.once
        let s = shared.columns
        let low = linear(down)
        let crossed = zip(first.pieces, pieces).map { x0, x in
            let value = plan.packedProduct(
                [plan.packedTerm(low, plan.slice(plan.parameter(up), columns: x.columns))].compactMap(\.self),
                bias: plan.slice(plan.parameter(bias), columns: x.columns), ending: .cross(x0: x0.value, x: x.value),
                columns: x.columns.count)
            return Piece(columns: x.columns, value: value)
        }
        var next = shared
        next.offset = once.add(
            shared.offset, once.multiply(c, once.slice(once.parameter(bias), columns: s)))
        next.terms.append((low, once.scaleColumns(once.slice(once.parameter(up), columns: s), by: c)))
        factoring.account(cost: 0, saving: up.rows * s.count)
        return FactoredRows(plan: plan, factoring: factoring, pieces: crossed, shared: next, columns: columns)
    }
}
