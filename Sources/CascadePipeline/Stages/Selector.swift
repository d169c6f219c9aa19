import CascadeCore

/// Chooses the slate and its order among the scored candidates.
package protocol Selector: Component {
    /// At most `size` candidates in the order of the slate, and all others.
    func select(_ candidates: [Candidate], for query: PipelineQuery, size: Int, relaxed: Bool) -> Selection
    /// Candidates that chance may take. Filters look at them before the draw, since its probabilities hold only where
    /// nothing that was drawn is taken out behind it; empty where nothing is left to chance.
    func shortlist(_ candidates: [Candidate], for query: PipelineQuery) -> [Candidate]
}

/// A choice: every candidate is in exactly one of the two.
package struct Selection: Hashable, Sendable {
    /// The slate in order.
    package var selected: [Candidate]
    /// The others, best first.
    package var rest: [Candidate]

    package init(selected: [Candidate], rest: [Candidate]) {
        self.selected = selected
        self.rest = rest
    }

    /// Whether the rows are those of `candidates`, each once: as many, and with the same sum of their hashes.
    fileprivate func holdsEach(of candidates: [Candidate]) -> Bool {
        guard selected.count + rest.count == candidates.count else { return false }
        return Self.sum(selected) &+ Self.sum(rest) == Self.sum(candidates)
    }

    private static func sum(_ candidates: [Candidate]) -> UInt64 {
        candidates.indices.reduce(0) { $0 &+ StableHash.mix(UInt64(bitPattern: Int64(candidates[$1].row))) }
    }
}

extension Selector {
    package static var stage: StageKind { .selector }

    package func shortlist(_ candidates: [Candidate], for query: PipelineQuery) -> [Candidate] { [] }

    /// Runs the selector; one that loses or invents candidates, or takes too many, is replaced by the first `size` ones
    /// in the plain order of their scores.
    func run(
        _ query: PipelineQuery, _ candidates: [Candidate], size: Int, relaxed: Bool, round: Int,
        _ recorder: StageRecorder
    ) -> Selection {
        let timer = recorder.start(self, round: round)
        var selection = select(candidates, for: query, size: size, relaxed: relaxed)
        var broken = false
        if selection.selected.count > size || !selection.holdsEach(of: candidates) {
            broken = true
            let ordered = ScoreOrder.places(of: candidates, by: \.weighted).map { candidates[$0] }
            selection = Selection(selected: Array(ordered.prefix(size)), rest: Array(ordered.dropFirst(size)))
            recorder.note(.componentError)
            recorder.countError(self, reason: "contract")
        }
        recorder.finish(timer) { report in
            report.inputCount = candidates.count
            report.selectedCount = selection.selected.count
            report.nonSelectedCount = selection.rest.count
            if broken { report.error = "the selection does not hold every candidate once" }
        }
        return selection
    }
}

/// The total order of candidates: tiers, then scores from high to low, then rows; no tie is left to chance.
package enum ScoreOrder {
    private struct Key {
        let tier: ScoreTier
        let score: Double
        let row: Int32
        let place: Int

        static func precedes(_ left: Key, _ right: Key) -> Bool {
            if left.tier != right.tier { return left.tier < right.tier }
            // A NaN compares as equal to everything, which is no order; it goes last.
            if left.score.isNaN != right.score.isNaN { return right.score.isNaN }
            if left.score != right.score, !left.score.isNaN { return left.score > right.score }
            return left.row < right.row
        }
    }

    /// The places of `candidates` in the order of one of their scores.
    ///
    /// Keys are sorted rather than candidates, which are ten times as large and count references when they move.
    package static func places(of candidates: [Candidate], by score: (Candidate) -> Double) -> [Int] {
        var keys: [Key] = []
        keys.reserveCapacity(candidates.count)
        // By place: a copy of a candidate counts references.
        for place in candidates.indices {
            keys.append(
                Key(
                    tier: candidates[place].tier, score: score(candidates[place]), row: candidates[place].row,
                    place: place))
        }
        return keys.sorted(by: Key.precedes).map(\.place)
    }
}
