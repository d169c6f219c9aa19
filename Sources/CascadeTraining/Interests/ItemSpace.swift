/// What items are placed by: vectors of length one for those that have any.
struct ItemSpace: Sendable {
    /// Items with a vector, ascending.
    let rows: [Int32]
    /// [rows × dimension] of length one; zeros stay zeros.
    let vectors: [Float]
    let dimension: Int

    /// Takes the vectors [items × dimension] of `rows`.
    init(_ vectors: [Float], dimension: Int, rows: [Int32]) {
        self.rows = rows
        self.dimension = dimension
        var own: [Float] = []
        own.reserveCapacity(rows.count * dimension)
        for row in rows {
            let range = (Int(row) * dimension)..<((Int(row) + 1) * dimension)
            let length = vectors[range].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            let scale = length > 0 ? 1 / length : 0
            for place in range { own.append(vectors[place] * scale) }
        }
        self.vectors = own
    }
}
