import CascadeCore

/// Reads the last steps of the user's past.
struct HistoryHydrator: QueryHydrator {
    let name = "history"
    let degradation = Degradation.historyUnavailable
    let timeout: Duration
    let limit: Int
    let histories: any HistoryReader
    let memory: UserMemory

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        guard let id = query.request.userID else { return QueryPatch() }
        let history = try await histories.history(of: id, limit: limit)
        memory.keep(id, at: query.now) { $0.history = history }
        return patch(history, query)
    }

    func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)? {
        guard let id = query.request.userID, let history = memory.known(id, at: query.now)?.history else { return nil }
        return (patch(history, query), .historyStale)
    }

    private func patch(_ history: [HistoryEntry], _ query: PipelineQuery) -> QueryPatch {
        var patch = QueryPatch()
        patch.history = history
        // Should the seen items not come, the items of the history are at least known to be seen.
        if query.request.filters.excludeSeen {
            patch.seen = Set(history.compactMap { query.catalog.row(of: $0.itemID) })
        }
        return patch
    }
}
