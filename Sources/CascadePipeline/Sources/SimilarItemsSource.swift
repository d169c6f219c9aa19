import CascadeCore

/// What users took together with the items that the user liked last: the lists of those items by turns.
///
/// A row's score is one over its place in the list, counted from 1; the item that it was found by is its `because`.
struct SimilarItemsSource: Source {
    static let key = "similar_items"
    /// Items of the history that are started from.
    static let seeds = 20

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
        // The lists lie in a mapped file: what is not in memory yet is waited for.
        return try await pool.run { _ in
            let lists = seeds.map { seed in relations.together(with: seed).map(\.row) }
            return page.pick(byTurns: lists, because: seeds.map { catalog.itemID($0).rawValue })
        }
    }
}
