/// An item on its way to the slate.
package struct Candidate: Hashable, Sendable {
    /// The dense row of the item.
    package let row: Int32
    /// The sources that brought it, in the order of the settings.
    package var sources: [SourceMark]
    /// The code of the creator; -1 for none.
    package var creator: Int32 = -1
    /// The codes of the categories.
    package var categories: ArraySlice<Int32> = []
    /// What is counted of it over windows of time; nil where the release counts nothing so.
    package var recent: RecentCounts?
    /// Probabilities in the order of `ReleaseView.heads`; empty when the ranker did not score it.
    package var heads: ArraySlice<Float> = []
    /// How far the score can be trusted.
    package var tier = ScoreTier.unscored
    /// Sum of factor times probability over the heads, or the stand-in of the tier.
    package var weighted = 0.0
    /// What diversity leaves of the weighted score.
    package var multiplier = 1.0
    /// What the slate is ordered by within a tier.
    package var final = 0.0
    /// The probability with which it got its place in the slate, given those before it; 1 where nothing is left to chance.
    package var propensity = 1.0
    /// Whether it has its place by chance alone: without exploration it would not be in the slate.
    package var explored = false
    /// The filter that took it out; nil while it may be shown.
    package var removal: Removal?

    package init(row: Int32, sources: [SourceMark] = []) {
        self.row = row
        self.sources = sources
    }

    /// The filter that took a candidate out.
    package struct Removal: Hashable, Sendable {
        /// The filter's name.
        package var by: String
        /// The filter's stage.
        package var stage: StageKind
    }
}

/// How far a candidate's score can be trusted; a candidate of an earlier tier is always placed before one of a later.
package enum ScoreTier: Int, Hashable, Sendable, Comparable {
    /// Scored by the configured scorer.
    case ranked
    /// Scored by the order of the sources, because the scorer failed or was late.
    case sourceOrder
    /// The scorer gave a number that is not finite.
    case notFinite
    case unscored

    package static func < (left: ScoreTier, right: ScoreTier) -> Bool { left.rawValue < right.rawValue }
}
