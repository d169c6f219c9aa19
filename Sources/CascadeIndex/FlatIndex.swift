import CFaiss

/// The exact index: every search scores every row that the filter admits. It is the reference of the others, and the
/// right choice up to some ten thousand rows.
package final class FlatIndex: VectorIndex {
    /// Queries that one pass over the rows serves.
    private static let batchSize = 256

    private let native: NativeIndex

    init(native: NativeIndex) {
        self.native = native
    }

    /// An index in memory over a copy of `vectors`, contiguous rows of `dimension` finite floats; no rows are allowed.
    package init(vectors: [Float], dimension: Int) throws(IndexError) {
        native = try NativeIndex(vectors: vectors, dimension: dimension)
    }

    /// Maps an index file; one with a graph gives its vectors.
    ///
    /// The file must stay unaltered while the index lives; unlinking it is allowed.
    package init(path: String) throws(IndexError) {
        native = try NativeIndex(path: path)
    }

    /// The number of rows.
    package var count: Int { native.count }

    /// The number of components of each vector.
    package var dimension: Int { native.dimension }

    /// The vector of a row, as it was given.
    package func vector(at row: Int) throws(IndexError) -> [Float] { try native.vector(at: row) }

    /// Writes the vectors to an index file, which appears whole or not at all.
    package func write(to path: String) throws(IndexError) {
        try check(path.withCString { cfaiss_index_save_vectors(native.handle, $0) })
    }

    /// The exact answer; `effort` has no effect beyond being checked.
    package func search(
        query: UnsafeBufferPointer<Float>, k: Int, filter: IndexFilter?, effort: Int?
    ) throws(IndexError) -> [Neighbor] {
        if let effort, effort < 1 {
            throw .invalidParameter(name: "effort", value: "\(effort)", allowed: "at least 1")
        }
        return try native.search(query: query, k: k, filter: filter, effort: nil)
    }

    /// The exact answers with one pass over the rows for 256 queries, about four times as fast as one at a time.
    package func searchBatch(queries: [Float], k: Int, effort: Int?) throws(IndexError) -> [[Neighbor]] {
        let queryCount = try vectorCount(floats: queries.count, dimension: dimension)
        guard k >= 0 else { throw .invalidParameter(name: "k", value: "\(k)", allowed: "at least 0") }
        guard k > 0, count > 0 else { return Array(repeating: [], count: queryCount) }
        var answers: [[Neighbor]] = []
        answers.reserveCapacity(queryCount)
        for begin in stride(from: 0, to: queryCount, by: Self.batchSize) {
            let size = min(Self.batchSize, queryCount - begin)
            let slice = queries[begin * dimension..<(begin + size) * dimension]
            answers += try native.scanBatch(queries: slice, count: size, k: k)
        }
        return answers
    }
}
