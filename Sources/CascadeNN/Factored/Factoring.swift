/// Two inference plans that are recorded side by side: `once` computes what all rows of a pass share, `rows` what differs by
/// row. What `once` hands over are inputs of `rows`, in the order in which they were recorded.
///
/// Both are recorded by the same calls, so recording them again, elsewhere, gives the same order.
package final class Factoring {
    private struct Carried {
        let from: Value
        let to: Value
        /// Whether it is handed over as a packed matrix.
        let isMatrix: Bool
    }

    /// The plan of what rows share.
    package let once: Plan
    /// The plan of the rows.
    package let rows: Plan
    private let precision: ProductPrecision
    private var carried: [Carried] = []
    private var cost = 0
    private var saving = 0

    /// Starts two empty plans over weights that no longer change.
    package init(store: ParameterStore, packing: WeightPacking) {
        precision = packing.precision
        once = Plan(store: store, mode: .inference, packing: packing)
        rows = Plan(store: store, mode: .inference, packing: packing)
    }

    /// Rows from which on a pass of both plans takes fewer multiplications than one that computes every row whole.
    package var worthwhileRows: Int { saving > 0 ? cost / saving + 1 : Int.max }

    /// What `once` has computed in its last pass for the rows.
    package func handedOver() -> [[Float]] {
        carried.map { entry in
            guard entry.isMatrix else { return once.values(of: entry.from) }
            let matrix = once.matrix(entry.from)
            let floats = PackedMatrix.floats(rows: matrix.rows, columns: matrix.columns, precision)
            return [Float](unsafeUninitializedCapacity: floats) { buffer, count in
                count = floats
                guard let base = buffer.baseAddress else { return }
                precision.pack(
                    matrix.base, rows: matrix.rows, columns: matrix.columns, stride: matrix.stride, into: base)
            }
        }
    }

    /// Gives `rows` what `once` handed over, here or in a pair of plans that was recorded alike.
    ///
    /// - Throws: `NNError.plan` for what was not.
    package func take(_ values: [[Float]]) throws(NNError) {
        guard values.map(\.count) == carried.map({ rows.floats($0.to).count }) else {
            throw .plan("what was handed over is of other plans; record both with the same calls")
        }
        for (entry, value) in zip(carried, values) { _ = rows.floats(entry.to).update(fromContentsOf: value) }
    }

    /// One row of `once` as an input of `rows`.
    func carry(row: Value) -> Value {
        let input = rows.input(rows.fixed(1), columns: row.columns, name: "shared row")
        carry(row, to: input, isMatrix: false)
        return input
    }

    /// A matrix of `once`, of a fixed number of rows, as what `rows` multiplies with.
    func carry(matrix: Value) -> PackedProduct.Weight {
        let floats = PackedMatrix.floats(rows: matrix.dimension.capacity, columns: matrix.columns, precision)
        let input = rows.input(rows.fixed(1), columns: floats, name: "shared matrix")
        carry(matrix, to: input, isMatrix: true)
        return .input(input)
    }

    private func carry(_ value: Value, to input: Value, isMatrix: Bool) {
        once.keep(value)
        carried.append(Carried(from: value, to: input, isMatrix: isMatrix))
    }

    /// Remembers multiplications that a pass of `once` makes, and those that it saves each row.
    func account(cost: Int, saving: Int) {
        self.cost += cost
        self.saving += saving
    }
}
