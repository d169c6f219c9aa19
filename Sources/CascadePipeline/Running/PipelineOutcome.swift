/// A finished request: what side effects, log lines, metrics and traces are made of.
package struct PipelineOutcome: Sendable {
    /// The request with all that was found out about it.
    package let query: PipelineQuery
    /// All candidates.
    package let board: CandidateBoard
    /// The slate in order.
    package let slate: [Candidate]
    /// Which fallback made the slate; nil for none.
    package let fallback: FallbackReason?
    /// Why the slate is short; nil for a full one.
    package let underfillCause: UnderfillCause?
    /// How often more candidates were asked for.
    package let refills: Int
    /// Milliseconds from the start to the slate.
    package let latencyMS: Double
    /// The component runs.
    package let reports: [StageReport]
    /// What was missing.
    package let degraded: [Degradation]
    /// The factor of each head.
    package let weights: [String: Double]

    /// The word for the counter of slates.
    var result: String {
        if slate.count < query.size { return "underfilled" }
        return fallback == nil ? "ok" : "fallback"
    }

    /// How many items of the slate each source brought; an item of several sources counts for each.
    var servedPerSource: [String: Int] {
        slate.reduce(into: [:]) { counts, candidate in
            for mark in candidate.sources { counts[mark.name, default: 0] += 1 }
        }
    }

    /// The probabilities of the slate's items by head; values are left out, which no histogram of probabilities can hold.
    var servedHeads: [(head: String, values: [Float])] {
        query.release.heads.enumerated().filter { !$1.isValue }.map { index, head in
            let values = slate.compactMap { candidate -> Float? in
                let place = candidate.heads.startIndex + index
                return place < candidate.heads.endIndex ? candidate.heads[place] : nil
            }
            return (head.name, values)
        }
    }
}
