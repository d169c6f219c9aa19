/// What is to be different in a replay; as it is, nothing.
package struct ReplayPolicy: Hashable, Sendable {
    /// What heads count for; others count as they did.
    package var factors: [String: Double] = [:]
    /// How mixed slates shall be; a nil member stays as it was.
    package var diversity = RecommendRequest.Diversity()
    /// What is left to chance; nil as it was, with the draws that were made.
    package var exploration: ExplorationSettings?
    /// Sources that are not asked: candidates that only they brought are gone.
    package var withoutSources: Set<String> = []
    /// How many candidates a source may bring at most.
    package var sourceLimits: [String: Int] = [:]
    /// Filters that are left out.
    package var withoutFilters: Set<String> = []
    /// Items that are filtered out.
    package var excludedItems: Set<String> = []
    /// The only items that may be shown; nil: any.
    package var allowedItems: Set<String>?

    package init() {}

    package init(factors: [String: Double]) { self.factors = factors }

    /// Whether other candidates, or fewer, can be chosen from.
    package var changesCandidates: Bool {
        !withoutSources.isEmpty || !sourceLimits.isEmpty || !withoutFilters.isEmpty || !excludedItems.isEmpty
            || allowedItems != nil
    }

    /// A logged candidate as it comes to the selection; nil for one that does not come to it.
    ///
    /// - Throws: `Obstacle.notScored` for one that a filter took out, which is left out here, before it was scored.
    func admitted(_ entry: CandidateTrace) throws(SlateReplay.Obstacle) -> CandidateTrace? {
        if let filter = entry.removedBy {
            guard withoutFilters.contains(filter) else { return nil }
            guard entry.weightedScore != nil else { throw .notScored }
        }
        if excludedItems.contains(entry.itemID) { return nil }
        if let allowedItems, !allowedItems.contains(entry.itemID) { return nil }
        guard !withoutSources.isEmpty || !sourceLimits.isEmpty else { return entry }
        var entry = entry
        entry.sources.removeAll { mark in
            withoutSources.contains(mark.name) || sourceLimits[mark.name].map { mark.rank >= $0 } ?? false
        }
        return entry.sources.isEmpty ? nil : entry
    }

    /// Names of sources and filters that can be named.
    package static var knownSources: [String] { (ComponentRegistry.sources.keys + [CatalogSource.key]).sorted() }
    package static var knownFilters: [String] { (ComponentRegistry.filters.keys + [LiveStateFilter.key]).sorted() }
}
