import CascadeCore

/// How the time of a request is shared out, in nanoseconds of the pipeline's clock.
///
/// A stage gets what is left at most, so one that never answers would leave nothing to those behind it, and the answer would come
/// after its time. A tenth, and 20 milliseconds at most, is kept for writing the answer; twice as much for choosing the slate
/// and looking at it again.
struct TimeShares: Hashable, Sendable {
    /// Until when what comes before the selection may take.
    let selection: UInt64
    /// Until when the slate must be made.
    let slate: UInt64

    private static let most: UInt64 = 20_000_000

    init(from start: UInt64, _ budget: Duration) {
        let whole = budget.clampedNanoseconds
        let part = min(whole / 10, Self.most)
        slate = start + (whole - part)
        selection = slate - 2 * part
    }

    func end(of stage: StageKind) -> UInt64 {
        switch stage {
        case .queryHydrator, .dependentQueryHydrator, .source, .filter, .hydrator, .scorer: selection
        case .selector, .postSelectionFilter, .postSelectionHydrator, .sideEffect: slate
        }
    }
}
