/// The stages of a request, in the order in which they run.
package enum StageKind: String, Hashable, Sendable, Codable, CaseIterable {
    case queryHydrator = "query_hydrator"
    case dependentQueryHydrator = "dependent_query_hydrator"
    case source
    case hydrator
    case filter
    case scorer
    case selector
    case postSelectionHydrator = "post_selection_hydrator"
    case postSelectionFilter = "post_selection_filter"
    case sideEffect = "side_effect"
}

/// One run of one component; counts that a stage does not have are nil.
package struct StageReport: Hashable, Sendable, Codable {
    /// The number of the run within the request, from 0.
    package var seq: Int
    /// The stage of the component.
    package var stage: StageKind
    /// The component's name.
    package var component: String
    /// 0 for the first pass, then the refill rounds.
    package var round: Int
    /// Whether it took part in the request.
    package var enabled: Bool
    /// Candidates that went in.
    package var inputCount: Int?
    /// Candidates that a filter kept.
    package var keptCount: Int?
    /// Candidates that a filter removed.
    package var removedCount: Int?
    /// Candidates that a source brought.
    package var candidateCount: Int?
    /// Candidates that the selector chose.
    package var selectedCount: Int?
    /// Candidates that the selector passed over.
    package var nonSelectedCount: Int?
    /// Milliseconds.
    package var latencyMS: Double
    /// Whether it was late and left out.
    package var timedOut: Bool
    /// What a source took of each interest, likeliest first; nil for sources that know no interests.
    package var interests: [InterestReport]?
    /// Why it took no part, where that is worth telling.
    package var note: String?
    /// What went wrong, in at most 300 characters.
    package var error: String?

    package init(
        seq: Int = 0, stage: StageKind, component: String, round: Int = 0, enabled: Bool = true,
        latencyMS: Double = 0, timedOut: Bool = false, error: String? = nil
    ) {
        self.seq = seq
        self.stage = stage
        self.component = component
        self.round = round
        self.enabled = enabled
        self.latencyMS = latencyMS
        self.timedOut = timedOut
        self.error = error
    }
}
