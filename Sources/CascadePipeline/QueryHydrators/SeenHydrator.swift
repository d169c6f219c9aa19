import CascadeCore

/// Reads the items that the user was shown or acted on, of a user whose history does not name them all.
struct SeenHydrator: DependentQueryHydrator {
    let name = "seen_items"
    let degradation = Degradation.seenUnavailable
    let timeout: Duration
    let limit: Int
    let histories: any HistoryReader
    let memory: UserMemory
    let pool: ComputePool

    func isEnabled(for query: PipelineQuery) -> Bool {
        query.request.userID != nil && query.request.filters.excludeSeen && !query.historyIsWhole
    }

    /// What the reads before it have left of the time for reading, and a third of that at least.
    func timeout(for query: PipelineQuery, at now: UInt64) -> Duration {
        max(timeout / 3, timeout - .nanoseconds(Int64(clamping: now - query.started)))
    }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        guard let id = query.request.userID else { return QueryPatch() }
        let items = try await histories.seenItems(of: id, limit: limit)
        memory.keep(id, at: query.now) { $0.seen = items }
        return try await patch(items, query)
    }

    func lastKnown(_ query: PipelineQuery) async -> (patch: QueryPatch, degradation: Degradation)? {
        guard let id = query.request.userID, let items = memory.known(id, at: query.now)?.seenItems,
            let patch = try? await patch(items, query)
        else { return nil }
        return (patch, .seenStale)
    }

    private func patch(_ items: [ItemID], _ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
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
