/// One index a cluster over the rows of a catalog: a graph where a cluster is large, an exact one where it is small.
///
/// Searches go into one cluster at a time with a query of its own; rows are those of the catalog everywhere. It is
/// immutable and safe to search from any number of threads at once.
package final class ClusteredIndex: Sendable {
    /// What the file is called in the folder of a release.
    package static let fileName = "interests.index"

    /// The number of components of each vector and of a query.
    package let dimension: Int
    private let rows: ClusterRows
    private let parts: [Part]

    /// The index of one cluster.
    enum Part: Sendable {
        case empty
        case exact(FlatIndex)
        case graph(HNSWIndex)

        var searched: (any VectorIndex)? {
            switch self {
            case .empty: nil
            case .exact(let index): index
            case .graph(let index): index
            }
        }
    }

    init(dimension: Int, rows: ClusterRows, parts: [Part]) {
        self.dimension = dimension
        self.rows = rows
        self.parts = parts
    }

    /// The number of rows in all clusters.
    package var count: Int { rows.rowCount }

    /// The number of clusters, empty ones included.
    package var clusterCount: Int { rows.clusterCount }

    /// The number of rows of a cluster.
    package func size(of cluster: Int32) -> Int { rows.size(of: cluster) }

    /// Whether searches of a cluster walk a graph.
    package func hasGraph(_ cluster: Int32) -> Bool {
        if case .graph = parts[Int(cluster)] { true } else { false }
    }

    /// The rows of a cluster, ascending.
    package func rows(of cluster: Int32) -> ArraySlice<Int32> { rows.rows(of: cluster) }

    /// The cluster of a row.
    package func cluster(of row: Int32) -> Int32 { rows.cluster(of: row) }

    /// The vector of a row, as it was given.
    package func vector(at row: Int) throws(IndexError) -> [Float] {
        guard row >= 0, row < count else { throw .rowOutOfRange(row: row, count: count) }
        let place = Int(rows.place(of: Int32(row)))
        switch parts[Int(rows.cluster(of: Int32(row)))] {
        case .empty: return []
        case .exact(let index): return try index.vector(at: place)
        case .graph(let index): return try index.vector(at: place)
        }
    }

    /// A cluster as one request may search it; made by `scopes` of the index that searches it.
    package struct Scope: Sendable {
        package let cluster: Int32
        /// Rows that a search can give.
        package let count: Int
        let filter: IndexFilter?
    }

    /// What a filter of catalog rows leaves of some clusters, in their order.
    ///
    /// - Parameters:
    ///   - clusters: each once.
    ///   - filter: made with `universe == count`; nil lets all rows through.
    /// - Complexity: O(count / 64) and either the rows of the filter or those of the clusters, whichever are fewer.
    /// - Throws: `filterMismatch`, and `invalidParameter` for a cluster that is not there.
    package func scopes(_ clusters: [Int32], filter: IndexFilter?) throws(IndexError) -> [Scope] {
        for cluster in clusters where cluster < 0 || cluster >= clusterCount {
            throw .invalidParameter(name: "cluster", value: "\(cluster)", allowed: "from 0 to \(clusterCount - 1)")
        }
        guard let filter else {
            return clusters.map { Scope(cluster: $0, count: rows.size(of: $0), filter: nil) }
        }
        guard filter.rows.universe == count else {
            throw .filterMismatch(expected: count, got: filter.rows.universe)
        }
        return zip(clusters, rows.places(of: filter.rows, in: clusters)).map { cluster, places in
            let own: IndexFilter
            switch filter {
            case .allowing: own = .allowing(places)
            case .blocking: own = .blocking(places)
            }
            let admitted = own.admittedCount
            return Scope(cluster: cluster, count: admitted, filter: admitted == places.universe ? nil : own)
        }
    }

    /// The rows of highest inner product in a scope, best first, equal scores in ascending order of row; see
    /// `VectorIndex.search`.
    ///
    /// - Parameter query: `dimension` floats, finite.
    package func search(
        _ scope: Scope, query: ArraySlice<Float>, k: Int, effort: Int? = nil
    ) throws(IndexError) -> [Neighbor] {
        try search(parts[Int(scope.cluster)].searched, scope, query, k, effort)
    }

    /// The exact answer to the same question, over the same vectors.
    package func exactSearch(_ scope: Scope, query: ArraySlice<Float>, k: Int) throws(IndexError) -> [Neighbor] {
        var index = parts[Int(scope.cluster)].searched
        if case .graph(let graph) = parts[Int(scope.cluster)] { index = graph.exact }
        return try search(index, scope, query, k, nil)
    }

    private func search(
        _ index: (any VectorIndex)?, _ scope: Scope, _ query: ArraySlice<Float>, _ k: Int, _ effort: Int?
    ) throws(IndexError) -> [Neighbor] {
        guard query.count == dimension else { throw .dimensionMismatch(expected: dimension, got: query.count) }
        guard k >= 0 else { throw .invalidParameter(name: "k", value: "\(k)", allowed: "at least 0") }
        guard let index, scope.count > 0 else { return [] }
        let found = try query.withUnsafeBufferPointer { query throws(IndexError) in
            try index.search(query: query, k: k, filter: scope.filter, effort: effort)
        }
        // Places ascend with rows, so that equal scores keep their order.
        let members = rows.rows(of: scope.cluster)
        return found.map { Neighbor(row: members[members.startIndex + Int($0.row)], score: $0.score) }
    }
}
