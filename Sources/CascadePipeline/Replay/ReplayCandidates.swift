/// The candidates of a trace as they come to the selection under a policy, and how the selection goes.
///
/// Replays choose a slate among them; off-policy estimates ask for the probabilities of the logged one.
struct ReplayCandidates {
    let candidates: [Candidate]
    let diversity: DiversitySettings
    let exploration: ExplorationSettings
    let seed: UInt64
    let size: Int
    let isRelaxed: Bool
    /// The heads in the order of the candidates' values.
    let heads: [String]
    /// The place of each row among the trace's candidates.
    let places: [Int32: Int]

    init(_ trace: PipelineTrace, _ policy: ReplayPolicy) throws(SlateReplay.Obstacle) {
        let scoring: Set<Degradation> = [.rankerError, .rankerTimeout]
        guard trace.pipeline != RecommendPipeline.rankName else { throw .callersList }
        guard let heads = trace.heads, let logged = trace.diversity else { throw .olderVersion }
        guard trace.underfillCause != .deadline else { throw .cutShort }
        guard !heads.isEmpty, scoring.isDisjoint(with: trace.degraded) else { throw .notRanked }
        let diversity = logged.overridden(by: policy.diversity)
        let isOther = policy.changesCandidates || diversity != logged
        // What a later round fetched depends on what was missing before it.
        guard !isOther || trace.refillRounds == 0 else { throw .refilled }
        for filter in policy.withoutFilters where trace.excludedBeforeRetrieval[filter, default: 0] > 0 {
            throw .notScored
        }
        self.heads = heads
        self.diversity = diversity
        exploration = policy.exploration ?? trace.exploration?.settings ?? ExplorationSettings()
        seed = trace.exploration.flatMap { UInt64($0.seed) } ?? 0
        size = trace.requested
        isRelaxed = trace.degraded.contains(.capsRelaxed) && !isOther
        (candidates, places) = try Self.candidates(of: trace, policy, heads)
        if diversity.looksAtCreators || diversity.maxPerCategory > 0, diversity != logged {
            try Self.checkMixing(trace, diversity, logged)
        }
    }

    private static func candidates(
        of trace: PipelineTrace, _ policy: ReplayPolicy, _ heads: [String]
    ) throws(SlateReplay.Obstacle) -> (candidates: [Candidate], places: [Int32: Int]) {
        let sums = heads.map { policy.factors[$0] ?? trace.weights[$0] ?? 0 }
        var places: [Int32: Int] = [:]
        var candidates: [Candidate] = []
        for (place, entry) in trace.candidates.enumerated() {
            guard let entry = try policy.admitted(entry) else { continue }
            guard let row = entry.row else { throw .olderVersion }
            guard !entry.heads.isEmpty || entry.weightedScore == nil else { throw .notRanked }
            places[row] = place
            candidates.append(Self.candidate(entry, row: row, heads: heads, factors: sums))
        }
        return (candidates, places)
    }

    /// Traces of earlier versions have creators and categories only where the slate was mixed by them.
    private static func checkMixing(
        _ trace: PipelineTrace, _ wanted: DiversitySettings, _ logged: DiversitySettings
    ) throws(SlateReplay.Obstacle) {
        let lacksCreators = wanted.looksAtCreators && !logged.looksAtCreators
        let lacksCategories = wanted.maxPerCategory > 0 && logged.maxPerCategory == 0
        let standing = trace.candidates.filter { $0.removedBy == nil }
        // A catalog of which no item has one is mixed as it is.
        if lacksCreators && standing.allSatisfy({ $0.creator == nil })
            || lacksCategories && standing.allSatisfy({ $0.categories == nil })
        {
            throw .notMixed
        }
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

    /// The slate that comes of it.
    func select() -> [Candidate] {
        ExploringTopKSelector.select(
            candidates, diversity, exploration, seed: seed, size: size, relaxed: isRelaxed
        ).selected
    }

    /// The slate as it can be taken, place by place.
    func draw() -> SlateDraw {
        SlateDraw(DiverseTopKSelector.multiplied(candidates, diversity), diversity, exploration)
    }
}
