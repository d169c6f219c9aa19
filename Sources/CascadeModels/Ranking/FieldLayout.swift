/// The fields that stand side by side in a row of the ranker: one a categorical feature, one for all numbers of an entity,
/// one for its content vectors, one for the past, one for the counters, and what the retrieval model tells.
struct FieldLayout: Sendable, Equatable {
    /// Columns of each field, in their order.
    let widths: [Int]

    var count: Int { widths.count }
    /// Columns of a row.
    var width: Int { widths.reduce(0, +) }
}
