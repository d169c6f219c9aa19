/// What an arm of an A/B test changes of the pipeline; a nil member changes nothing.
package struct PipelineChange: Hashable, Sendable, Codable {
    /// The whole list.
    package var sources: [SourceSettings]?
    /// The whole list.
    package var filters: [String]?
    package var scorer: String?
    /// Factors of some heads; they go before everything that is said elsewhere, also while servers run.
    package var scoreWeights: [String: Double]?
    package var diversity: Diversity?
    /// The whole part: a key that it lacks has its default.
    package var exploration: ExplorationSettings?

    private enum CodingKeys: String, CodingKey {
        case sources, filters, scorer, diversity, exploration
        case scoreWeights = "score_weights"
    }

    package init() {}

    /// Single members of `DiversitySettings`.
    package struct Diversity: Hashable, Sendable, Codable {
        package var maxPerCreator: Int?
        package var maxPerCategory: Int?
        package var creatorDecay: Double?
        package var creatorFloor: Double?

        private enum CodingKeys: String, CodingKey {
            case maxPerCreator = "max_per_creator"
            case maxPerCategory = "max_per_category"
            case creatorDecay = "creator_decay"
            case creatorFloor = "creator_floor"
        }

        package init() {}
    }

    /// The keys that it changes.
    package var keys: Set<String> {
        var keys: Set<String> = []
        if sources != nil { keys.insert("sources") }
        if filters != nil { keys.insert("filters") }
        if scorer != nil { keys.insert("scorer") }
        for head in (scoreWeights ?? [:]).keys { keys.insert("score_weights.\(head)") }
        if diversity?.maxPerCreator != nil { keys.insert("diversity.max_per_creator") }
        if diversity?.maxPerCategory != nil { keys.insert("diversity.max_per_category") }
        if diversity?.creatorDecay != nil { keys.insert("diversity.creator_decay") }
        if diversity?.creatorFloor != nil { keys.insert("diversity.creator_floor") }
        if exploration != nil { keys.insert("exploration") }
        return keys
    }

    /// Changes `settings`.
    func apply(to settings: inout PipelineSettings) {
        if let sources { settings.sources = sources }
        if let filters { settings.filters = filters }
        if let scorer { settings.scorer = scorer }
        settings.pinnedWeights.merge(scoreWeights ?? [:]) { $1 }
        if let diversity {
            settings.diversity = settings.diversity.overridden(
                by: RecommendRequest.Diversity(
                    creatorDecay: diversity.creatorDecay, creatorFloor: diversity.creatorFloor,
                    maxPerCreator: diversity.maxPerCreator, maxPerCategory: diversity.maxPerCategory))
        }
        if let exploration { settings.exploration = exploration }
    }
}
