import CascadeIndex

extension ClusteredIndex {
    /// The share of the true first `k` rows of each query's cluster that searches find, equal scores counted as found.
    ///
    /// - Parameter effort: of each search; nil takes that of the file.
    func recall(of queries: [(cluster: Int32, vector: [Float])], k: Int, effort: Int?) throws -> Double {
        var (hits, wanted) = (0, 0)
        for (cluster, vector) in queries {
            for scope in try scopes([cluster], filter: nil) {
                let truth = try exactSearch(scope, query: vector[...], k: k)
                guard let last = truth.last else { continue }
                let threshold = last.score - 1e-6 * max(1, abs(last.score))
                let rows = Set(truth.map(\.row))
                let found = try search(scope, query: vector[...], k: k, effort: effort)
                hits += min(truth.count, found.count { rows.contains($0.row) || $0.score >= threshold })
                wanted += truth.count
            }
        }
        return wanted == 0 ? 1 : Double(hits) / Double(wanted)
    }

    /// Queries for `recall` before there are users to ask for: some rows of every cluster with a graph.
    func samples(each count: Int) throws -> [(cluster: Int32, vector: [Float])] {
        try (0..<Int32(clusterCount)).filter { hasGraph($0) }.flatMap { cluster in
            let rows = rows(of: cluster)
            return try stride(from: rows.startIndex, to: rows.endIndex, by: max(1, rows.count / count)).map {
                (cluster, try vector(at: Int(rows[$0])))
            }
        }
    }
}
