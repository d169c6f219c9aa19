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
            guard let last = truth.last else { continue }
            wanted += truth.count
            let rows = Set(truth.map(\.row))
            let threshold = last.score - 1e-6 * max(1, abs(last.score))
            let distinct = Set(found.filter { rows.contains($0.row) || $0.score >= threshold }.map(\.row))
            hits += min(distinct.count, truth.count)
        }
        return wanted == 0 ? 1 : Double(hits) / Double(wanted)
    }
}
