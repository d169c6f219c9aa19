/// The share of the true `k` nearest rows that an index finds, averaged over the queries, from 0 to 1.
///
/// A row counts as found when it is among the exact answer or scores as high as the exact answer's last (within 1e-6 of
/// the score's size): rows of equal score are as good as each other. No queries, k = 0 or no rows give 1.
///
/// - Parameters:
///   - index: the index to measure.
///   - exact: the reference over the same vectors.
///   - queries: `dimension` floats each, one after another.
///   - effort: passed to the index's searches.
package func measureRecall(
    of index: some VectorIndex, against exact: some VectorIndex, queries: [Float], k: Int, effort: Int? = nil
) throws(IndexError) -> Double {
    try GroundTruth(exact: exact, queries: queries, k: k).recall(of: index, effort: effort)
}

/// The exact answers to some queries, kept so that one index can be measured at several efforts.
package struct GroundTruth: Sendable {
    private let queries: [Float]
    private let k: Int
    private let answers: [[Neighbor]]

    /// Asks the reference once for every query.
    package init(exact: some VectorIndex, queries: [Float], k: Int) throws(IndexError) {
        self.queries = queries
        self.k = k
        answers = try exact.searchBatch(queries: queries, k: k, effort: nil)
    }

    /// The recall of an index over the same vectors; see `measureRecall`.
    package func recall(of index: some VectorIndex, effort: Int? = nil) throws(IndexError) -> Double {
        let found = try index.searchBatch(queries: queries, k: k, effort: effort)
        var hits = 0
        var wanted = 0
        for (found, truth) in zip(found, answers) {
            wanted += truth.count
            hits += Self.hits(found, truth)
        }
        return wanted == 0 ? 1 : Double(hits) / Double(wanted)
    }

    /// How many of the exact answer's rows were found; see `measureRecall`.
    fileprivate static func hits(_ found: [Neighbor], _ truth: [Neighbor]) -> Int {
        guard let last = truth.last else { return 0 }
        let rows = Set(truth.map(\.row))
        let threshold = last.score - 1e-6 * max(1, abs(last.score))
        let distinct = Set(found.filter { rows.contains($0.row) || $0.score >= threshold }.map(\.row))
        return min(distinct.count, truth.count)
    }
}

extension ClusteredIndex {
    /// The recall of searches, each within a cluster; see `measureRecall`.
    ///
    /// - Parameter effort: of each search; nil takes that of the file.
    package func recall(
        of queries: [(cluster: Int32, vector: [Float])], k: Int, effort: Int? = nil
    ) throws(IndexError) -> Double {
        var (hits, wanted) = (0, 0)
        for (cluster, vector) in queries {
            for scope in try scopes([cluster], filter: nil) {
                let truth = try exactSearch(scope, query: vector[...], k: k)
                hits += GroundTruth.hits(try search(scope, query: vector[...], k: k, effort: effort), truth)
                wanted += truth.count
            }
        }
        return wanted == 0 ? 1 : Double(hits) / Double(wanted)
    }

    /// Queries for `recall` before there are users to ask for: about `count` rows of every cluster with a graph.
    package func samples(each count: Int) throws(IndexError) -> [(cluster: Int32, vector: [Float])] {
        var samples: [(cluster: Int32, vector: [Float])] = []
        for cluster in 0..<Int32(clusterCount) where hasGraph(cluster) {
            let rows = rows(of: cluster)
            for place in stride(from: rows.startIndex, to: rows.endIndex, by: max(1, rows.count / max(1, count))) {
                samples.append((cluster, try vector(at: Int(rows[place]))))
            }
        }
        return samples
    }
}
