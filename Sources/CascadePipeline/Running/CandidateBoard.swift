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
    package private(set) var taken: Set<Int32> = []

    /// How many candidates each source brought.
    package var perSource: [String: Int] { brought }

    /// How many candidates each filter removed.
    package var removedPerFilter: [String: Int] {
        candidates.reduce(into: [:]) { counts, candidate in
            if let removal = candidate.removal { counts[removal.by, default: 0] += 1 }
        }
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
        taken.reserveCapacity(room)
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
                    taken.insert(scored.row)
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

    /// Takes over what components wrote into candidates.
    package mutating func adopt(_ changed: [Candidate]) {
        for candidate in changed {
            guard let place = places[candidate.row] else { continue }
            candidates[place] = candidate
        }
    }

    /// The candidates at `range` that no filter removed.
    package func standing(in range: Range<Int>) -> [Candidate] {
        candidates[range].filter { $0.removal == nil }
    }
}
