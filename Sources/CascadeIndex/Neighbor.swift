/// A row of an index with its inner product with the query.
package struct Neighbor: Equatable, Sendable {
    /// The row, 0-based, in the order in which the vectors were given.
    package let row: Int32
    /// The inner product with the query; higher is nearer.
    package let score: Float

    /// Makes a neighbor from its parts.
    package init(row: Int32, score: Float) {
        self.row = row
        self.score = score
    }
}
