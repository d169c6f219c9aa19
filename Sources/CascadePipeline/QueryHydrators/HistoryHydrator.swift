import CascadeCore

/// Reads the last steps of the user's past.
struct HistoryHydrator: QueryHydrator {
    let name = "history"
    let degradation = Degradation.historyUnavailable
    let timeout: Duration
    let limit: Int
    let histories: any HistoryReader

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
        guard let id = query.request.userID else { return patch }
        let history = try await histories.history(of: id, limit: limit)
        patch.history = history
        // Should the seen items not come, the items of the history are at least known to be seen.
        if query.request.filters.excludeSeen {
            patch.seen = Set(history.compactMap { query.catalog.row(of: $0.itemID) })
        }
        return patch
    }
}
