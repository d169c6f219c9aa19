import CascadeCore

/// The items whose vectors are nearest to those of the items that the user liked last: the lists of those items by turns.
///
/// A row's score is one over its place in the list, counted from 1; the item that it was found by is its `because`.
struct NearestItemsSource: Source {
    static let key = "nearest_items"
    /// Items of the history that are started from: each is a search of its own.
    static let seeds = 10

    let settings: SourceSettings
    let reason = Reason.similarToItem
    let pool: ComputePool

    /// Items that came after training are enough to start from.
    func isEnabled(for query: PipelineQuery) -> Bool { !query.likedRows(limit: 1).isEmpty }

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        let seeds = query.likedRows(limit: Self.seeds)
        guard !seeds.isEmpty else { return SourceBatch(rows: []) }
        let relations = query.release.relations
        let catalog = query.catalog
        // Each list could fill the page alone: the others may hold the same items.
        let wish = RetrievalWish(
            limit: page.limit, excluded: page.taken.union(page.knownRemoved), categories: query.categories)
        return try await pool.run { cancellation in
            let lists = try seeds.map { try relations.nearest(to: $0, wish, cancellation: cancellation).map(\.row) }
            return page.pick(byTurns: lists, because: seeds.map { catalog.itemID($0).rawValue })
        }
    }
}
