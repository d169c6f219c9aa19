/// All candidates of a request, each once: in the slate, not selected, or removed.
package struct CandidateBoard: Sendable {
    /// In the order in which they came.
    package private(set) var candidates: [Candidate] = []
    private var places: [Int32: Int] = [:]
    private var brought: [String: Int] = [:]
    /// Of each source, how many candidates came of each interest.
    private var broughtOfInterests: [String: [Int32: Int]] = [:]

    package init() {}

    /// The rows of all candidates, removed ones too.
    package var taken: Set<Int32> { Set(places.keys) }

    /// How many candidates each source brought.
    package var perSource: [String: Int] { brought }

    /// How many candidates each filter removed.
    package var removedPerFilter: [String: Int] {
        var counts: [String: Int] = [:]
        for place in candidates.indices {
            if let filter = candidates[place].removal?.by { counts[filter, default: 0] += 1 }
        }
        return counts
    }

    /// Candidates that no filter removed.
    package var standing: [Candidate] { candidates.filter { $0.removal == nil } }

    /// Adds what sources brought: an item that several brought becomes one candidate with all its marks.
    ///
    /// Ranks go on from those of earlier rounds. Returns the places of the new candidates.
    package mutating func merge(_ answers: [SourceAnswer]) -> Range<Int> {
        let start = candidates.count
        let room = start + answers.reduce(0) { $0 + $1.rows.count }
        candidates.reserveCapacity(room)
        places.reserveCapacity(room)
        for answer in answers {
            let offset = brought[answer.source, default: 0]
            let ranks = broughtOfInterests[answer.source] ?? [:]
            for (index, scored) in answer.rows.enumerated() {
                var mark = SourceMark(
                    name: answer.source, rank: offset + index, score: scored.score,
                    because: answer.because[scored.row], interest: answer.interests[scored.row])
                if let cluster = mark.interest?.cluster {
                    mark.interest?.rank += ranks[cluster, default: 0]
                    broughtOfInterests[answer.source, default: [:]][cluster, default: 0] += 1
                }
                if let place = places[scored.row] {
                    candidates[place].sources.append(mark)
                } else {
                    places[scored.row] = candidates.count
                    candidates.append(Candidate(row: scored.row, sources: [mark]))
                }
            }
            brought[answer.source] = offset + answer.rows.count
        }
        return start..<candidates.count
    }

    /// Marks rows as removed; those that are no candidates or are removed already stay as they are.
    package mutating func remove(_ rows: some Sequence<Int32>, by filter: String, stage: StageKind) {
        for row in rows {
            guard let place = places[row], candidates[place].removal == nil else { continue }
            candidates[place].removal = Candidate.Removal(by: filter, stage: stage)
        }
    }

    /// The places in `range` of candidates that no filter removed.
    package func standingPlaces(in range: Range<Int>) -> [Int] { range.filter { candidates[$0].removal == nil } }

    /// The rows of the candidates at `places`.
    package func rows(at places: [Int]) -> [Int32] { places.map { candidates[$0].row } }

    /// What a scorer reads of the candidates at `places`.
    package func columns(at places: [Int], sources: Bool) -> CandidateColumns {
        let recent = places.compactMap { candidates[$0].recent }
        return CandidateColumns(
            rows: rows(at: places), recent: recent.count == places.count ? recent : [],
            sources: sources ? places.map { candidates[$0].sources } : [])
    }

    /// Adds columns to the candidates at `places`.
    package mutating func add(_ columns: HydratedColumns, at places: [Int]) {
        for (index, creator) in columns.creators.enumerated() { candidates[places[index]].creator = creator }
        for (index, categories) in columns.categories.enumerated() {
            candidates[places[index]].categories = categories
        }
        for (index, counts) in columns.recent.enumerated() { candidates[places[index]].recent = counts }
    }

    /// Gives the candidates at `places` their scores, one each or none; those that are not finite sink behind all others.
    package mutating func add(_ scores: [CandidateScore], tier: ScoreTier, at places: [Int]) {
        for (place, score) in zip(places, scores) {
            candidates[place].heads = score.heads
            candidates[place].weighted = score.weighted
            candidates[place].tier = score.weighted.isFinite ? tier : .notFinite
        }
    }

    /// Takes over what a selector made of candidates: multipliers, final scores and what chance had to do with them.
    package mutating func adopt(_ chosen: [Candidate]) {
        for index in chosen.indices {
            guard let place = places[chosen[index].row] else { continue }
            candidates[place].multiplier = chosen[index].multiplier
            candidates[place].final = chosen[index].final
            candidates[place].propensity = chosen[index].propensity
            candidates[place].explored = chosen[index].explored
        }
    }
}
