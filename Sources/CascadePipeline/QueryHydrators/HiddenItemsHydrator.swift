import CascadeCore

/// Reads the items that the user asked never to see again.
struct HiddenItemsHydrator: QueryHydrator {
    /// Items that are read; who hid more sees the first of them again.
    static let limit = 10_000

    let name = "hidden_items"
    let degradation = Degradation.hiddenUnavailable
    let timeout: Duration
    let histories: any HistoryReader

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
        guard let id = query.request.userID else { return patch }
        let items = try await histories.hiddenItems(of: id, limit: Self.limit)
        patch.hiddenByUser = Set(items.compactMap { query.catalog.row(of: $0) })
        return patch
    }
}
