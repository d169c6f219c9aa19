/// Decides what a request does next to fill its slate: pure state, no clock and no work.
///
/// The sources first, then the sources again for more, then the whole catalog until nothing is left; only then the caps
/// are relaxed, and the whole catalog is gone through once more without them.
package struct RefillPlan: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        /// Ask the sources; `round` 0 is the first time.
        case sources(round: Int)
        /// Look through the whole catalog for items that may be shown and would find a place.
        case catalog
        /// Fill from the candidates at hand without caps.
        case relax
        /// Look through the whole catalog for any item that may be shown.
        case catalogWithoutCaps
    }

    /// What came of a step.
    package struct Outcome: Hashable, Sendable {
        /// Items that the slate still lacks.
        package var missing: Int
        /// Candidates that the step brought.
        package var brought: Int
        /// Whether a source may have more.
        package var sourcesHaveMore: Bool
        /// Whether the request still has time.
        package var timeLeft: Bool

        package init(missing: Int, brought: Int, sourcesHaveMore: Bool, timeLeft: Bool) {
            self.missing = missing
            self.brought = brought
            self.sourcesHaveMore = sourcesHaveMore
            self.timeLeft = timeLeft
        }
    }

    /// The step to take now; nil when the slate is as good as it gets.
    package private(set) var step: Step? = .sources(round: 0)
    /// Whether the caps no longer count.
    package private(set) var isRelaxed = false
    /// Whether the plan ended for want of time.
    package private(set) var ranOutOfTime = false
    /// Steps after the first that asked for more candidates.
    package private(set) var refills = 0

    private let rounds: Int
    private let capped: Bool

    /// - Parameters:
    ///   - rounds: how often the sources are asked for more.
    ///   - capped: whether caps by creator or category hold.
    package init(rounds: Int, capped: Bool) {
        self.rounds = max(0, rounds)
        self.capped = capped
    }

    /// Moves on to the next step.
    package mutating func advance(after outcome: Outcome) {
        guard let done = step else { return }
        step = next(after: done, outcome)
        switch step {
        case .sources, .catalog, .catalogWithoutCaps: refills += 1
        case .relax: isRelaxed = true
        case nil: break
        }
    }

    private mutating func next(after done: Step, _ outcome: Outcome) -> Step? {
        guard outcome.missing > 0 else { return nil }
        guard outcome.timeLeft else {
            ranOutOfTime = true
            return capped && !isRelaxed ? .relax : nil
        }
        switch done {
        case .sources(let round):
            return outcome.sourcesHaveMore && round < rounds ? .sources(round: round + 1) : .catalog
        case .catalog:
            if outcome.brought > 0 { return .catalog }
            return capped ? .relax : nil
        case .relax: return .catalogWithoutCaps
        case .catalogWithoutCaps: return outcome.brought > 0 ? .catalogWithoutCaps : nil
        }
    }
}
