/// An effort and the recall that it reached.
package struct EffortTuning: Equatable, Sendable {
    /// The efSearch to use.
    package let effort: Int
    /// The recall on the sample with it.
    package let recall: Double
}

/// Finds the least efSearch that reaches a recall on sample queries: doubling from k, then bisection.
///
/// Recall rises with the effort but for chance, so the answer reaches the target, and one less does not, on this sample.
///
/// - Parameters:
///   - index: the index to tune; efforts below k count as k, so the answer is at least k.
///   - exact: the reference over the same vectors.
///   - queries: sample queries, one after another.
///   - target: the recall to reach, from 0 to 1.
///   - limit: the largest effort to try.
/// - Throws: `recallUnreachable` with the best recall where the limit does not reach the target.
package func leastEffort(
    for index: HNSWIndex, against exact: some VectorIndex, queries: [Float], k: Int, target: Double, limit: Int = 4096
) throws(IndexError) -> EffortTuning {
    guard k >= 1 else { throw .invalidParameter(name: "k", value: "\(k)", allowed: "at least 1") }
    guard target >= 0, target <= 1 else {
        throw .invalidParameter(name: "target", value: "\(target)", allowed: "from 0 to 1")
    }
    let truth = try GroundTruth(exact: exact, queries: queries, k: k)
    let highest = max(k, limit)
    var below = k - 1
    var reached = EffortTuning(effort: k, recall: try truth.recall(of: index, effort: k))
    while reached.recall < target {
        guard reached.effort < highest else {
            throw .recallUnreachable(target: target, best: reached.recall, effort: reached.effort)
        }
        below = reached.effort
        let effort = min(highest, reached.effort * 2)
        reached = EffortTuning(effort: effort, recall: try truth.recall(of: index, effort: effort))
    }
    while reached.effort - below > 1 {
        let middle = (below + reached.effort) / 2
        let recall = try truth.recall(of: index, effort: middle)
        if recall >= target {
            reached = EffortTuning(effort: middle, recall: recall)
        } else {
            below = middle
        }
    }
    return reached
}
