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

    /// A user without a history has nothing to start from.
    func isEnabled(for query: PipelineQuery) -> Bool { query.coldStart == nil }

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        let seeds = query.likedRows(limit: Self.seeds)
        guard !seeds.isEmpty else { return SourceBatch(rows: []) }
        let relations = query.release.relations
        let catalog = query.catalog
        // Lists that hold the same items would leave the page short with no more than a share each.
        let share = min(page.limit, 2 * page.limit / seeds.count + 1)
        let wish = RetrievalWish(
            limit: share, excluded: page.taken.union(page.knownRemoved), categories: query.categories)
        return try await pool.run { cancellation in
            let lists = try seeds.map { try relations.nearest(to: $0, wish, cancellation: cancellation).map(\.row) }
            return page.pick(byTurns: lists, because: seeds.map { catalog.itemID($0).rawValue })
        }
    }
}
