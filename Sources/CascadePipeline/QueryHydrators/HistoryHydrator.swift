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
        let isWhole = history.count < limit
        memory.keep(id, at: query.now) { known in
            // Of a whole history nobody reads the seen items, and those that were read before would grow old. Of one that is whole
            // no longer, what it named is known until they are read.
            known.seen = isWhole ? nil : known.seenItems
            known.history = history
            known.historyIsWhole = isWhole
        }
        var patch = patch(history, query)
        patch.historyIsWhole = isWhole
        return patch
    }

    func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)? {
        guard let id = query.request.userID, let history = memory.known(id, at: query.now)?.history else { return nil }
        return (patch(history, query), .historyStale)
    }

    private func patch(_ history: [HistoryEntry], _ query: PipelineQuery) -> QueryPatch {
        var patch = QueryPatch()
        patch.history = history
        // All of the seen items where the history is whole; else the least, should the others not come.
        if query.request.filters.excludeSeen {
            patch.seen = Set(history.compactMap { query.catalog.row(of: $0.itemID) })
        }
        return patch
    }
}
