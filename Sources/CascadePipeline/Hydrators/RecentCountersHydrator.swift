import CascadeCore

/// Adds what is counted of the candidates over windows of time; the last known where it cannot be read in time.
struct RecentCountersHydrator: Hydrator {
    let name = "recent_counters"
    let timeout: Duration
    let clock: PipelineClock

    func isEnabled(for query: PipelineQuery) -> Bool { query.release.recentCounters != nil }

    func hydrate(_ rows: [Int32], for query: PipelineQuery) async throws -> HydratedColumns {
        var hydrated = HydratedColumns()
        guard let counters = query.release.recentCounters else { return hydrated }
        let user = query.request.userID
        let moment = query.now
        let limit = min(timeout, query.remaining(clock, for: Self.stage))
        let read = await withDeadline(limit, clock) { try await counters.read(user: user, rows: rows, at: moment) }
        switch read {
        case .value(let fresh): hydrated.recent = fresh
        case .late: hydrated.recent = await lastKnown(counters, user, rows, because: "not read within \(limit)")
        case .failed(let error): hydrated.recent = await lastKnown(counters, user, rows, because: "\(error)")
        }
        guard hydrated.recent.count == rows.count else {
            throw PipelineError.contract(
                component: name, detail: "\(rows.count) candidates in, counts of \(hydrated.recent.count) out")
        }
        return hydrated
    }

    private func lastKnown(
        _ counters: any RecentCounters, _ user: UserID?, _ rows: [Int32], because reason: String
    ) async -> [RecentCounts] {
        await counters.lastKnown(user: user, rows: rows).map {
            RecentCounts(values: $0.values, isStale: $0.isStale, reason: reason)
        }
    }

    func shortcoming(of hydrated: HydratedColumns) -> (degradation: Degradation, note: String)? {
        let stale = hydrated.recent.count { $0.isStale }
        guard stale > 0 else { return nil }
        let reason = hydrated.recent.lazy.compactMap(\.reason).first.map { ": \($0)" } ?? ""
        return (.countersStale, "the last known counts of \(stale) of \(hydrated.recent.count) candidates\(reason)")
    }
}
