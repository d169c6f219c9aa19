/// Two inference plans that are recorded side by side: `once` computes what all rows of a pass share, `rows` what differs by
/// row. What `once` hands over are inputs of `rows`, in the order of `carried`.
///
/// Both are recorded by the same calls, so recording them again, elsewhere, gives the same order.
package final class Factoring {
    /// The plan of what rows share.
    package let once: Plan
    /// The plan of the rows.
    package let rows: Plan
    private var carried: [(from: Value, to: Value)] = []
    private var cost = 0
    private var saving = 0

    /// - Parameters: two inference plans of one store, not sealed.
    package init(once: Plan, rows: Plan) {
        self.once = once
        self.rows = rows
    }

    /// Rows from which on a pass of both plans takes fewer multiplications than one that computes every row whole.
    package var worthwhileRows: Int { saving > 0 ? cost / saving + 1 : Int.max }

    /// What `once` has computed in its last pass for the rows.
    package func handedOver() -> [[Float]] { carried.map { once.values(of: $0.from) } }

    /// Gives `rows` what `once` handed over.
    package func take(_ values: [[Float]]) {
        for (entry, value) in zip(carried, values) {
            let floats = rows.floats(entry.to)
            guard let base = floats.baseAddress, floats.count == value.count else { continue }
            value.withUnsafeBufferPointer { from in
                if let from = from.baseAddress { base.update(from: from, count: value.count) }
            }
        }
    }

    /// A value of `once`, of a fixed number of rows, as an input of `rows`.
    func carry(_ value: Value) -> Value {
        once.keep(value)
        let input = rows.input(rows.fixed(value.dimension.capacity), columns: value.columns, name: "shared")
        carried.append((value, input))
        return input
    }

    /// Remembers multiplications that a pass of `once` makes, and those that it saves each row.
    func account(cost: Int, saving: Int) {
        self.cost += cost
        self.saving += saving
    }
}
