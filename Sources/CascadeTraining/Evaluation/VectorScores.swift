import CascadeNN

/// Inner products of one vector, or of several, with all of a table.
enum VectorScores {
    /// The best inner products of each row of a table with the vectors of each of several users: [users] of [items].
    ///
    /// - Parameters:
    ///   - items: [items × d]
    ///   - users: each user's vectors, [k × d], at least one.
    static func best(_ items: [Float], users: [[Float]], _ dimension: Int) -> [[Float]] {
        let products = BLAS.innerProducts(of: items, with: users.flatMap(\.self), dimension: dimension)
        let rows = items.count / max(1, dimension)
        var start = 0
        return users.map { user in
            var best = Array(products[start..<(start + rows)])
            for _ in 1..<max(1, user.count / dimension) {
                start += rows
                for row in 0..<rows { best[row] = max(best[row], products[start + row]) }
            }
            start += rows
            return best
        }
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
