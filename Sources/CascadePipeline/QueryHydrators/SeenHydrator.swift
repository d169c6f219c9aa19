import CascadeCore

/// Reads the items that the user was shown or acted on.
struct SeenHydrator: QueryHydrator {
    let name = "seen_items"
    let degradation = Degradation.seenUnavailable
    let timeout: Duration
    let limit: Int
    let histories: any HistoryReader
    let pool: ComputePool

    func isEnabled(for query: PipelineQuery) -> Bool {
        query.request.userID != nil && query.request.filters.excludeSeen
    }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
        guard let id = query.request.userID else { return patch }
        let items = try await histories.seenItems(of: id, limit: limit)
        let catalog = query.catalog
        // Hashing thousands of identifiers takes about a millisecond, which belongs on the compute pool.
        if items.count > 500 {
            patch.seen = try await pool.run { _ in Set(items.compactMap { catalog.row(of: $0) }) }
        } else {
            patch.seen = Set(items.compactMap { catalog.row(of: $0) })
        }
        return patch
    }
}
