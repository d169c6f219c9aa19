/// Inner products of one vector with all of a table.
enum VectorScores {
    /// - Parameters:
    ///   - items: [items × d]
    ///   - query: [d]
    /// - Returns: [items]
    static func all(_ items: [Float], _ query: [Float]) -> [Float] {
        let dimension = query.count
        return items.withUnsafeBufferPointer { items in
            query.withUnsafeBufferPointer { query in
                (0..<(items.count / dimension)).map { item in
                    var sum: Float = 0
                    for column in 0..<dimension { sum += items[item * dimension + column] * query[column] }
                    return sum
                }
            }
        }
    }
}
