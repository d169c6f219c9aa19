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
        let candidates = OutcomeCandidates(
            board.candidates, slate: slate, catalog: query.catalog, headNames: query.release.heads.map(\.name))
        return trace(pipeline: pipeline, candidates: candidates.traces())
    }

    /// The story around what is told of the candidates.
    func trace(pipeline: String, candidates: [CandidateTrace]) -> PipelineTrace {
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
            latencyMS: latencyMS, stages: reports, candidates: candidates)
    }

    private var knownRemovedCounts: [String: Int] {
        let counts = [
            SeenFilter.key: query.seen.count, HiddenByUserFilter.key: query.hiddenByUser.count,
            ExcludedFilter.key: query.excluded.count, EarlierPagesFilter.key: query.shownBefore.count,
        ]
        return counts.filter { $0.value > 0 }
    }
}
