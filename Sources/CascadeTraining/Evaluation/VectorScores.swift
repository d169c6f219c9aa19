import CascadeNN

/// Inner products of one vector, or of several, with all of a table.
enum VectorScores {
    /// The best inner product of each row of a table with any of several vectors.
    ///
    /// - Parameters:
    ///   - items: [items × d]
    ///   - queries: [k × d], at least one.
    /// - Returns: [items]
    static func best(_ items: [Float], _ queries: [Float], _ dimension: Int) -> [Float] {
        var best = all(items, Array(queries.prefix(dimension)))
        for start in stride(from: dimension, to: queries.count, by: dimension) {
            let other = all(items, Array(queries[start..<(start + dimension)]))
            for row in best.indices { best[row] = max(best[row], other[row]) }
        }
        return best
    }

    /// - Parameters:
    ///   - items: [items × d]
    ///   - query: [d]
    /// - Returns: [items]
    static func all(_ items: [Float], _ query: [Float]) -> [Float] { BLAS.innerProducts(of: items, with: query) }

    /// The same for some rows of the table: [rows].
    static func all(_ items: [Float], _ query: [Float], rows: [Int32]) -> [Float] {
        let dimension = query.count
        return items.withUnsafeBufferPointer { items in
            query.withUnsafeBufferPointer { query in
                rows.map { row in
                    let start = Int(row) * dimension
                    var sum: Float = 0
                    for column in 0..<dimension { sum += items[start + column] * query[column] }
                    return sum
                }
            }
        }
    }
}
