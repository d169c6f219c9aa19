import CascadeCore

/// Reads the items that the user asked never to see again.
struct HiddenItemsHydrator: QueryHydrator {
    /// Items that are read; who hid more sees the first of them again.
    static let limit = 10_000

    let name = "hidden_items"
    let degradation = Degradation.hiddenUnavailable
    let timeout: Duration
    let histories: any HistoryReader
    let memory: UserMemory

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        guard let id = query.request.userID else { return QueryPatch() }
        let items = try await histories.hiddenItems(of: id, limit: Self.limit)
        memory.keep(id, at: query.now) { $0.hidden = items }
        return patch(items, query)
    }

    func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)? {
        guard let id = query.request.userID, let items = memory.known(id, at: query.now)?.hidden else { return nil }
        return (patch(items, query), .hiddenStale)
    }

    private func patch(_ items: [ItemID], _ query: PipelineQuery) -> QueryPatch {
        var patch = QueryPatch()
        patch.hiddenByUser = Set(items.compactMap { query.catalog.row(of: $0) })
        return patch
    }
}
