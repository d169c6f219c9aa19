/// Rows in which some columns say the same in all rows of a pass, as what is known of a request's user does beside what
/// differs by candidate. A row is kept in pieces:
///
///     plain    x_p               [n × c_p], computed for each row
///     shared   a + Σ_k b_k·M_k   a [1 × s] and M_k [n_k × s] computed once, b_k [n × n_k] for each row
///
/// Linear maps need of the shared columns only the products M_k·W, made once: (a + Σ b_k·M_k)·W = a·W + Σ b_k·(M_k·W). A
/// cross layer leaves them of that form, since x₀ of these columns, c, is one row: c ⊙ (h·U + b) + x adds the map U ⊙ c of
/// the columns h, and c ⊙ b to a. There are no terms b_k before the first cross layer.
///
/// Without shared columns the operations are those of `Plan`, with gradients.
package struct FactoredRows {
    /// Plain columns, and where they are in a row.
    struct Piece {
        let columns: Range<Int>
        let value: Value
    }

    struct Shared {
        let columns: Range<Int>
        /// In the plan `once`, [1 × s].
        var offset: Value
        /// `columns` [n × n_k] in the plan `rows`, `map` [n_k × s] in the plan `once`.
        var terms: [(columns: Value, map: Value)] = []
    }

    /// The plan of the rows.
    package let plan: Plan
    let factoring: Factoring?
    let pieces: [Piece]
    let shared: Shared?
    private let whole = Whole()

    /// What `joined` has recorded: those who ask again get the same.
    private final class Whole {
        var value: Value?
    }

    /// Columns of a row.
    package let columns: Int

    /// Rows without shared columns.
    package init(_ plan: Plan, _ value: Value) {
        self.init(
            plan: plan, factoring: nil, pieces: [Piece(columns: 0..<value.columns, value: value)], shared: nil,
            columns: value.columns)
    }

    /// Rows `[before ; shared ; after]`.
    ///
    /// - Parameters:
    ///   - before, after: of the plan `rows`, all in one dimension; not both empty.
    ///   - shared: of the plan `once`, [1 × s] in a fixed dimension.
    package init(_ factoring: Factoring, before: [Value], shared: Value, after: [Value]) {
        factoring.once.requireRow(shared, columns: shared.columns, "factored rows")
        factoring.rows.require(
            !before.isEmpty || !after.isEmpty, "factored rows", "there are no columns that differ by row")
        var column = 0
        var pieces: [Piece] = []
        func append(_ values: [Value]) {
            guard !values.isEmpty else { return }
            let value = values.count == 1 ? values[0] : factoring.rows.concat(values)
            pieces.append(Piece(columns: column..<column + value.columns, value: value))
            column += value.columns
        }
        append(before)
        let columns = column..<column + shared.columns
        column = columns.upperBound
        append(after)
        self.init(
            plan: factoring.rows, factoring: factoring, pieces: pieces,
            shared: Shared(columns: columns, offset: shared), columns: column)
    }

    init(plan: Plan, factoring: Factoring?, pieces: [Piece], shared: Shared?, columns: Int) {
        self.plan = plan
        self.factoring = factoring
        self.pieces = pieces
        self.shared = shared
        self.columns = columns
    }

    /// The rows whole: [n × columns].
    package func joined() -> Value {
        guard let factoring, let shared else { return pieces[0].value }
        if let value = whole.value { return value }
        guard let dimension = pieces.first?.value.dimension else { return plan.input(plan.fixed(1), columns: columns) }
        let offset = factoring.carry(row: shared.offset)
        factoring.account(
            cost: 0, saving: -shared.terms.reduce(0) { $0 + $1.columns.columns } * shared.columns.count)
        let middle =
            shared.terms.isEmpty
            ? plan.broadcast(offset, to: dimension)
            : plan.packedProduct(
                shared.terms.map { PackedProduct.Term(x: $0.columns, weight: factoring.carry(matrix: $0.map)) },
                bias: offset, ending: .none, columns: shared.columns.count)
        let parts = pieces.map { ($0.columns.lowerBound, $0.value) } + [(shared.columns.lowerBound, middle)]
        let value = plan.concat(parts.sorted { $0.0 < $1.0 }.map(\.1))
        whole.value = value
        return value
    }

    /// f(x·W + b): [n × columns of W].
    package func linear(_ weight: Parameter, bias: Parameter? = nil, activation: Activation = .none) -> Value {
        guard let factoring, let shared else {
            return plan.linear(
                pieces[0].value, plan.parameter(weight), bias: bias.map(plan.parameter), activation: activation)
        }
        let columns = 0..<weight.columns
        let y = product(
            columns, of: weight, bias: bias.map { factoring.once.parameter($0) }, factoring, shared,
            ending: activation == .relu ? .rectify : .none)
        return activation == .relu || activation == .none ? y : plan.activate(y, activation)
    }

    /// f(x·W + b) of some columns of W; `bias` is of the plan `once`.
    func product(
        _ columns: Range<Int>, of weight: Parameter, bias: Value?, _ factoring: Factoring, _ shared: Shared,
        ending: PackedProduct.Ending
    ) -> Value {
        let once = factoring.once
        let own = once.slice(once.parameter(weight, rows: shared.columns), columns: columns)
        var terms: [PackedProduct.Term] = []
        for piece in pieces {
            let part = plan.slice(plan.parameter(weight, rows: piece.columns), columns: columns)
            if let term = plan.packedTerm(piece.value, part) { terms.append(term) }
        }
        var inner = 0
        for term in shared.terms {
            let map = factoring.carry(matrix: once.linear(term.map, own))
            terms.append(PackedProduct.Term(x: term.columns, weight: map))
            inner += term.columns.columns
        }
        factoring.account(
            cost: (inner + 1) * shared.columns.count * columns.count,
            saving: (shared.columns.count - inner) * columns.count)
        let constant = factoring.carry(row: once.linear(shared.offset, own, bias: bias))
        return plan.packedProduct(terms, bias: constant, ending: ending, columns: columns.count)
    }
}
