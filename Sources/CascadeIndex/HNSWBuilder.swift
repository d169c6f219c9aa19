import CFaiss

/// Builds HNSW graphs over inner product, for vectors of any length.
///
/// A build is seconds to minutes of computation on its own threads while the caller waits: start it where blocking is
/// allowed.
package struct HNSWBuilder: Sendable {
    /// Who inserts the vectors into Faiss's graph arrays.
    package enum Insertion: Sendable {
        /// Our insertion, about three times as fast.
        case own
        /// Faiss's own, the reference.
        case faiss
    }

    /// How the graph is built.
    package var parameters: HNSWParameters
    /// Threads of the build; 0 takes one a core. One thread gives the same graph every time, several do not.
    package var threads: Int
    /// Fixes the levels and the order of insertion.
    package var seed: Int64
    /// Who inserts.
    package var insertion: Insertion

    /// A builder; see the properties.
    package init(
        parameters: HNSWParameters = .standard, threads: Int = 0, seed: Int64 = 1, insertion: Insertion = .own
    ) {
        self.parameters = parameters
        self.threads = threads
        self.seed = seed
        self.insertion = insertion
    }

    /// Builds a graph over `vectors`, contiguous rows of `dimension` finite floats; no rows are allowed.
    ///
    /// Throws `raggedVectors`, `invalidParameter`, and `unusableVector` naming the row of a value that is not finite.
    package func build(vectors: [Float], dimension: Int) throws(IndexError) -> HNSWGraph {
        let count = try vectorCount(floats: vectors.count, dimension: dimension)
        guard threads >= 0, threads <= 1024 else {
            throw .invalidParameter(name: "threads", value: "\(threads)", allowed: "from 0 to 1024")
        }
        var options = cfaiss_build_options(
            m: Int32(parameters.m), ef_construction: Int32(parameters.efConstruction),
            ef_search: Int32(parameters.efSearch), threads: Int32(threads), seed: seed,
            reference: insertion == .faiss ? 1 : 0)
        let handle = try checkedHandle { out in
            vectors.withUnsafeBufferPointer {
                cfaiss_graph_build($0.baseAddress, Int64(count), Int32(dimension), &options, out)
            }
        }
        return HNSWGraph(handle: handle, count: count, dimension: dimension, storage: parameters.storage)
    }

    /// Builds a graph, writes it to an index file (whole or not at all) and maps that.
    package func build(vectors: [Float], dimension: Int, path: String) throws(IndexError) -> HNSWIndex {
        try build(vectors: vectors, dimension: dimension).write(to: path)
        return try HNSWIndex(path: path)
    }
}

/// A graph in Faiss's own structures, to be written to a file; searches of it are the reference of `HNSWIndex`.
package final class HNSWGraph: @unchecked Sendable {  // why: finished when it is made, and the C side only reads it
    /// The number of rows.
    package let count: Int
    /// The number of components of each vector.
    package let dimension: Int
    private let handle: OpaquePointer
    private let storage: VectorStorage

    init(handle: OpaquePointer, count: Int, dimension: Int, storage: VectorStorage) {
        self.handle = handle
        self.count = count
        self.dimension = dimension
        self.storage = storage
    }

    deinit {
        cfaiss_graph_free(handle)
    }

    /// Writes vectors and graph to an index file, which appears whole or not at all.
    ///
    /// - Parameter storage: what searches of the file read the rows as; nil takes that of the builder's parameters.
    package func write(to path: String, storage: VectorStorage? = nil) throws(IndexError) {
        try check(path.withCString { cfaiss_graph_save(handle, (storage ?? self.storage).native, $0) })
    }

    /// Faiss's search of the graph: at most `k` rows in descending order of score, fewer where it finds fewer.
    package func searchWithFaiss(
        _ query: [Float], k: Int, filter: IndexFilter? = nil, effort: Int
    ) throws(IndexError) -> [Neighbor] {
        guard query.count == dimension else { throw .dimensionMismatch(expected: dimension, got: query.count) }
        guard k > 0, count > 0 else { return [] }
        var found = [cfaiss_neighbor](repeating: cfaiss_neighbor(), count: min(k, count))
        var number: Int32 = 0
        let ef = Int32(clamping: effort)
        if let filter {
            let rows = filter.rows
            guard rows.universe == count else { throw .filterMismatch(expected: count, got: rows.universe) }
            let allows: Int32 = if case .allowing = filter { 1 } else { 0 }
            try rows.withWords { words throws(IndexError) in
                var native = cfaiss_filter(
                    words: words.baseAddress, count: Int64(count), set_rows: Int64(rows.count), allows: allows)
                try check(cfaiss_graph_search(handle, query, Int32(found.count), ef, &native, &found, &number))
            }
        } else {
            try check(cfaiss_graph_search(handle, query, Int32(found.count), ef, nil, &found, &number))
        }
        return found.prefix(Int(number)).map { Neighbor(row: $0.row, score: $0.score) }
    }
}
