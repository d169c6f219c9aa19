import CFaiss

/// Vectors, and links where there is a graph, with the scratches that searches of them use.
final class NativeIndex: @unchecked Sendable {  // why: the handle is immutable and the C search reads it only
    let handle: OpaquePointer
    let count: Int
    let dimension: Int
    let graph: HNSWParameters?
    private let scratches = ScratchPool()

    private init(handle: OpaquePointer) {
        self.handle = handle
        let info = cfaiss_index_describe(handle)
        count = Int(info.count)
        dimension = Int(info.dimension)
        graph =
            info.m > 0
            ? HNSWParameters(
                unchecked: Int(info.m), efConstruction: Int(info.ef_construction), efSearch: Int(info.ef_search),
                storage: VectorStorage(native: info.storage) ?? .float32)
            : nil
    }

    convenience init(path: String) throws(IndexError) {
        self.init(handle: try checkedHandle { out in path.withCString { cfaiss_index_open($0, out) } })
    }

    /// Maps an index file that lies within another one.
    convenience init(path: String, part: Range<Int>) throws(IndexError) {
        self.init(
            handle: try checkedHandle { out in
                path.withCString { cfaiss_index_open_part($0, UInt64(part.lowerBound), UInt64(part.count), out) }
            })
    }

    convenience init(vectors: [Float], dimension: Int) throws(IndexError) {
        let count = try vectorCount(floats: vectors.count, dimension: dimension)
        let handle = try checkedHandle { out in
            vectors.withUnsafeBufferPointer {
                cfaiss_index_from_vectors($0.baseAddress, Int64(count), Int32(dimension), out)
            }
        }
        self.init(handle: handle)
    }

    deinit {
        cfaiss_index_free(handle)
    }

    func vector(at row: Int) throws(IndexError) -> [Float] {
        guard row >= 0, row < count else { throw .rowOutOfRange(row: row, count: count) }
        return Array(UnsafeBufferPointer(start: cfaiss_index_vector(handle, Int64(row)), count: dimension))
    }

    /// Searches the graph with an effort, or scans all rows where there is none.
    func search(
        query: UnsafeBufferPointer<Float>, k: Int, filter: IndexFilter?, effort: Int?
    ) throws(IndexError) -> [Neighbor] {
        guard query.count == dimension else { throw .dimensionMismatch(expected: dimension, got: query.count) }
        guard k >= 0 else { throw .invalidParameter(name: "k", value: "\(k)", allowed: "at least 0") }
        if let effort, effort < 1 {
            throw .invalidParameter(name: "effort", value: "\(effort)", allowed: "at least 1")
        }
        guard k > 0, count > 0 else { return [] }
        let width = Int32(min(k, count))
        return try scratches.lease { scratch throws(IndexError) in
            try withNativeFilter(filter) { filter throws(IndexError) in
                var found: UnsafePointer<cfaiss_neighbor>?
                var number: Int32 = 0
                if let effort {
                    let ef = Int32(min(effort, count))
                    try check(
                        cfaiss_index_search(handle, scratch, query.baseAddress, width, ef, filter, &found, &number))
                } else {
                    try check(cfaiss_index_scan(handle, scratch, query.baseAddress, width, filter, &found, &number))
                }
                return neighbors(found, count: Int(number))
            }
        }
    }

    /// Scans all rows for several queries at once.
    func scanBatch(queries: ArraySlice<Float>, count queryCount: Int, k: Int) throws(IndexError) -> [[Neighbor]] {
        try scratches.lease { scratch throws(IndexError) in
            var found: UnsafePointer<cfaiss_neighbor>?
            var width: Int32 = 0
            let status = queries.withUnsafeBufferPointer {
                cfaiss_index_scan_batch(
                    handle, scratch, $0.baseAddress, Int32(queryCount), Int32(min(k, max(count, 1))), &found, &width)
            }
            try check(status)
            return (0..<queryCount).map { query in
                neighbors(found.map { $0 + query * Int(width) }, count: Int(width))
            }
        }
    }

    private func neighbors(_ found: UnsafePointer<cfaiss_neighbor>?, count: Int) -> [Neighbor] {
        UnsafeBufferPointer(start: found, count: found == nil ? 0 : count).map {
            Neighbor(row: $0.row, score: $0.score)
        }
    }

    private func withNativeFilter<Result>(
        _ filter: IndexFilter?, _ body: (UnsafePointer<cfaiss_filter>?) throws(IndexError) -> Result
    ) throws(IndexError) -> Result {
        guard let filter else { return try body(nil) }
        let rows = filter.rows
        guard rows.universe == count else { throw .filterMismatch(expected: count, got: rows.universe) }
        let allows: Int32 = if case .allowing = filter { 1 } else { 0 }
        return try rows.withWords { words throws(IndexError) in
            var native = cfaiss_filter(
                words: words.baseAddress, count: Int64(rows.universe), set_rows: Int64(rows.count), allows: allows)
            return try withUnsafePointer(to: &native, body)
        }
    }
}
