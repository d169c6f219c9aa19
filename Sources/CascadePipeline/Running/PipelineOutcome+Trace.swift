import CascadeCore

extension PipelineOutcome {
    /// Components that did not take part in any round.
    var disabled: [String] {
        let ran = Set(reports.filter(\.enabled).map(\.component))
        var names: [String] = []
        for report in reports
        where !report.enabled && !ran.contains(report.component) && !names.contains(report.component) {
            names.append(report.component)
        }
        return names
    }

    /// The probabilities of a candidate by head; those that are not finite are left out.
    func heads(of candidate: Candidate) -> [String: Float] {
        var result: [String: Float] = [:]
        for (head, value) in zip(query.release.heads, candidate.heads) where value.isFinite {
            result[head.name] = value
        }
        return result
    }

    /// The whole story of the request.
    package func trace(pipeline: String) -> PipelineTrace {
        PipelineTrace(
            requestID: query.requestID, recommendationID: query.recommendationID,
            userID: query.request.userID?.rawValue, generatedAt: query.now.rfc3339, pipeline: pipeline,
            release: query.release.stamp, experiment: query.experiments.byName, context: query.request.context,
            sessionEvents: query.request.events.isEmpty ? nil : query.request.events.count,
            requested: query.size,
            returned: slate.count, fallback: fallback, underfillCause: underfillCause, degraded: degraded,
            refillRounds: refills, heads: query.release.heads.map(\.name), weights: weights,
            factorsVersion: query.release.headFactors?.version, diversity: query.diversity,
            exploration: query.exploration.isOn ? ExplorationTrace(query.exploration, seed: query.seed) : nil,
            excludedBeforeRetrieval: knownRemovedCounts,
            latencyMS: latencyMS, stages: reports, candidates: candidateTraces())
    }

    private var knownRemovedCounts: [String: Int] {
        let counts = [
            SeenFilter.key: query.seen.count, HiddenByUserFilter.key: query.hiddenByUser.count,
            ExcludedFilter.key: query.excluded.count, EarlierPagesFilter.key: query.shownBefore.count,
        ]
        return counts.filter { $0.value > 0 }
    }

    private func candidateTraces() -> [CandidateTrace] {
        let shown = Set(slate.map(\.row))
        let unsorted = board.candidates.filter { $0.removal == nil && !shown.contains($0.row) }
        let rest = ScoreOrder.places(of: unsorted, by: \.final).map { unsorted[$0] }
        let removed = board.candidates.filter { $0.removal != nil }
        let heads = query.release.heads.map(\.name)
        let slateTraces = slate.enumerated().map { position, candidate in
            var trace = trace(of: candidate, heads)
            trace.position = position
            trace.propensity = candidate.propensity
            return trace
        }
        return slateTraces + (rest + removed).map { trace(of: $0, heads) }
    }

    private func trace(of candidate: Candidate, _ heads: [String]) -> CandidateTrace {
        var trace = CandidateTrace(
            itemID: query.catalog.itemID(candidate.row).rawValue, row: candidate.row, sources: candidate.sources,
            retrievalScore: candidate.sources.first { $0.name == TwoTowerSource.key }?.score,
            heads: NamedScores(names: heads, values: candidate.heads), removedBy: candidate.removal?.by,
            removedStage: candidate.removal?.stage)
        if candidate.creator >= 0 { trace.creator = candidate.creator }
        if !candidate.categories.isEmpty { trace.categories = Array(candidate.categories) }
        if candidate.tier != .unscored, candidate.weighted.isFinite {
            trace.weightedScore = candidate.weighted
            // Removed before the selection: it never got a multiplier.
            if candidate.removal?.stage != .filter {
                trace.diversityMultiplier = candidate.multiplier
                trace.finalScore = candidate.final
            }
        }
        return trace
    }
}
