/// Rows of vectors that can be searched for those of highest inner product with a query.
///
/// Members are immutable and safe to search from any number of threads at once. A search is synchronous computation
/// (10 µs to a few ms): call it where compute belongs, not on the cooperative pool.
package protocol VectorIndex: Sendable {
    /// The number of rows.
    var count: Int { get }

    /// The number of components of each vector and of a query.
    var dimension: Int { get }

    /// The rows of highest inner product, in descending order of score, equal scores in ascending order of row.
    ///
    /// Gives `k` rows, or all that the filter admits where these are fewer; never a row twice. The order of equal answers
    /// is fixed: the same query gives the same answer.
    ///
    /// - Parameters:
    ///   - query: `dimension` floats, finite.
    ///   - k: how many rows to give; 0 gives none.
    ///   - filter: which rows may be given; made with `universe == count`.
    ///   - effort: how thoroughly an approximate index looks (efSearch); nil takes the index's own, exact ones ignore it.
    /// - Throws: `dimensionMismatch`, `filterMismatch`, `invalidParameter` for a negative k or an effort below 1,
    ///   `unusableVector` for a query that is not finite.
    func search(
        query: UnsafeBufferPointer<Float>, k: Int, filter: IndexFilter?, effort: Int?
    ) throws(IndexError) -> [Neighbor]

    /// Searches for several queries: `queries` holds them one after another; the answers come in their order.
    func searchBatch(queries: [Float], k: Int, effort: Int?) throws(IndexError) -> [[Neighbor]]
}

extension VectorIndex {
    /// Searches with a query from an array; see `search(query:k:filter:effort:)`.
    package func search(
        _ query: [Float], k: Int, filter: IndexFilter? = nil, effort: Int? = nil
    ) throws(IndexError) -> [Neighbor] {
        try query.withUnsafeBufferPointer { buffer throws(IndexError) in
            try search(query: buffer, k: k, filter: filter, effort: effort)
        }
    }

    /// Searches one query after another.
    package func searchBatch(queries: [Float], k: Int, effort: Int?) throws(IndexError) -> [[Neighbor]] {
        let count = try vectorCount(floats: queries.count, dimension: dimension)
        var answers: [[Neighbor]] = []
        answers.reserveCapacity(count)
        for index in 0..<count {
            let query = Array(queries[index * dimension..<(index + 1) * dimension])
            answers.append(try search(query, k: k, effort: effort))
        }
        return answers
    }
}

/// How many vectors lie in an array of floats.
func vectorCount(floats: Int, dimension: Int) throws(IndexError) -> Int {
    guard dimension >= 1, dimension <= 65_536 else {
        throw .invalidParameter(name: "dimension", value: "\(dimension)", allowed: "from 1 to 65536")
    }
    guard floats.isMultiple(of: dimension) else { throw .raggedVectors(floats: floats, dimension: dimension) }
    return floats / dimension
}
