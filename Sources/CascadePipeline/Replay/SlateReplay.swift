import CascadeCore

/// A logged slate, and the one that other factors of heads would have made of the same candidates and probabilities.
///
/// Nothing is retrieved or scored again: what no source found, or a filter removed, is not there. With the logged factors the
/// slate is the logged one.
package struct SlateReplay: Hashable, Sendable {
    package let logged: [CandidateTrace]
    package let replayed: [CandidateTrace]
    /// The heads that the ranker gave.
    let heads: [String]

    /// Why a trace cannot be replayed.
    package enum Obstacle: String, Hashable, Sendable, Error, CaseIterable {
        /// A version before it wrote the trace, without what the order goes by.
        case olderVersion = "traces of an older version"
        /// The ranker did not score the candidates.
        case notRanked = "slates without the ranker"
        /// Time ran out before the slate was full; candidates that were left would fill it.
        case cutShort = "slates that a deadline cut short"
    }

    /// - Parameter factors: take the place of those that the slate was made with, head by head.
    package init(_ trace: PipelineTrace, factors: [String: Double]) throws(Obstacle) {
        let scoring: Set<Degradation> = [.rankerError, .rankerTimeout]
        guard let heads = trace.heads, let diversity = trace.diversity else { throw .olderVersion }
        guard trace.underfillCause != .deadline else { throw .cutShort }
        guard !heads.isEmpty, scoring.isDisjoint(with: trace.degraded) else { throw .notRanked }
        self.heads = heads
        let sums = heads.map { factors[$0] ?? trace.weights[$0] ?? 0 }
        var places: [Int32: Int] = [:]
        var candidates: [Candidate] = []
        for (place, entry) in trace.candidates.enumerated() where entry.removedBy == nil {
            guard let row = entry.row else { throw .olderVersion }
            guard !entry.heads.isEmpty || entry.weightedScore == nil else { throw .notRanked }
            places[row] = place
            candidates.append(Self.candidate(entry, row: row, heads: heads, factors: sums))
        }
        let selection = DiverseTopKSelector.select(
            candidates, diversity, size: trace.requested, relaxed: trace.degraded.contains(.capsRelaxed))
        logged = trace.candidates.filter { $0.position != nil }
        replayed = selection.selected.compactMap { candidate in places[candidate.row].map { trace.candidates[$0] } }
    }

    private static func candidate(
        _ entry: CandidateTrace, row: Int32, heads: [String], factors: [Double]
    ) -> Candidate {
        var candidate = Candidate(row: row, sources: entry.sources)
        candidate.creator = entry.creator ?? -1
        candidate.categories = (entry.categories ?? [])[...]
        // Traces leave out what is not finite.
        let values = heads.map { entry.heads[$0] ?? .nan }
        candidate.weighted = ScoreWeights.sum(values[...], factors)
        candidate.tier = candidate.weighted.isFinite ? .ranked : .notFinite
        return candidate
    }
}
