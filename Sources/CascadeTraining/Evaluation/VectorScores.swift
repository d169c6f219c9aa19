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
    static func all(_ items: [Float], _ query: [Float]) -> [Float] {
        scores(items, query, rows: 0..<(items.count / query.count)) { $0 }
    }

    /// The same for some rows of the table: [rows].
    static func all(_ items: [Float], _ query: [Float], rows: [Int32]) -> [Float] {
        scores(items, query, rows: rows) { Int($0) }
    }

    @inline(__always)
    private static func scores<Rows: Collection>(
        _ items: [Float], _ query: [Float], rows: Rows, _ place: (Rows.Element) -> Int
    ) -> [Float] {
        let dimension = query.count
        return items.withUnsafeBufferPointer { items in
            query.withUnsafeBufferPointer { query in
                rows.map { row in
                    let start = place(row) * dimension
                    var sum: Float = 0
                    for column in 0..<dimension { sum += items[start + column] * query[column] }
                    return sum
                }
            }
        }
    }
}
