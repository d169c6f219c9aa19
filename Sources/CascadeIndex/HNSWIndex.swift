/// The approximate index: best-first search of a mapped HNSW graph.
///
/// Where the graph does not pay it scans exactly: a narrow filter, an effort of at least as many rows as the filter
/// admits, or rows that no link leads to. So it always gives as many rows as there are to give. Whatever storage the
/// walk reads, scores are those of the vectors, exact to the bit.
package final class HNSWIndex: VectorIndex {
    private let native: NativeIndex

    /// What the graph was built with; its `efSearch` serves searches that name no effort.
    package let parameters: HNSWParameters

    /// Maps an index file that a graph was written to, after checking that nothing in it leads outside.
    ///
    /// The file must stay unaltered while the index lives; unlinking it is allowed.
    /// - Parameter efSearch: serves searches that name no effort instead of the file's own.
    /// - Throws: `unusableFile` naming the file where it is cut short, altered, or without a graph.
    package convenience init(path: String, efSearch: Int? = nil) throws(IndexError) {
        try self.init(native: NativeIndex(path: path), path: path, efSearch: efSearch)
    }

    init(native: NativeIndex, path: String, efSearch: Int? = nil) throws(IndexError) {
        self.native = native
        guard let graph = native.graph else {
            throw .unusableFile("\(path): holds vectors without a graph; open it as a flat index or build it again")
        }
        parameters = try HNSWParameters(
            m: graph.m, efConstruction: graph.efConstruction, efSearch: efSearch ?? graph.efSearch,
            storage: graph.storage)
    }

    /// The number of rows.
    package var count: Int { native.count }

    /// The number of components of each vector.
    package var dimension: Int { native.dimension }

    /// The exact index over the same mapped vectors.
    package var exact: FlatIndex { FlatIndex(native: native) }

    /// The vector of a row, as it was given.
    package func vector(at row: Int) throws(IndexError) -> [Float] { try native.vector(at: row) }

    /// The best rows that best-first search with `effort` candidates (at least k) finds; O(effort · m · dimension).
    ///
    /// Over codes at least 9k/8 candidates are kept; the first max(2k, 32) of them are scored with their vectors, and the
    /// k best of these given.
    package func search(
        query: UnsafeBufferPointer<Float>, k: Int, filter: IndexFilter?, effort: Int?
    ) throws(IndexError) -> [Neighbor] {
        try native.search(query: query, k: k, filter: filter, effort: effort ?? parameters.efSearch)
    }
}
