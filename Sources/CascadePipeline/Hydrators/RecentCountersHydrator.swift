import CascadeCore

/// Adds what is counted of the candidates over windows of time; the last known where it cannot be read in time.
struct RecentCountersHydrator: Hydrator {
    let name = "recent_counters"
    let timeout: Duration
    let clock: PipelineClock

    func isEnabled(for query: PipelineQuery) -> Bool { query.release.recentCounters != nil }

    func hydrate(_ candidates: [Candidate], for query: PipelineQuery) async throws -> [Candidate] {
        guard let counters = query.release.recentCounters else { return candidates }
        let rows = candidates.map(\.row)
        let user = query.request.userID
        let moment = query.now
        let limit = min(timeout, query.remaining(clock, for: Self.stage))
        let read = await withDeadline(limit, clock) { try await counters.read(user: user, rows: rows, at: moment) }
        let found: [RecentCounts]
        switch read {
        case .value(let fresh): found = fresh
        case .late: found = await lastKnown(counters, user, rows, because: "not read within \(limit)")
        case .failed(let error): found = await lastKnown(counters, user, rows, because: "\(error)")
        }
        guard found.count == candidates.count else {
            throw PipelineError.contract(
                component: name, detail: "\(candidates.count) candidates in, counts of \(found.count) out")
        }
        var hydrated = candidates
        for index in hydrated.indices { hydrated[index].recent = found[index] }
        return hydrated
    }

    private func lastKnown(
        _ counters: any RecentCounters, _ user: UserID?, _ rows: [Int32], because reason: String
    ) async -> [RecentCounts] {
        await counters.lastKnown(user: user, rows: rows).map {
            RecentCounts(values: $0.values, isStale: $0.isStale, reason: reason)
        }
    }

    func shortcoming(of hydrated: [Candidate]) -> (degradation: Degradation, note: String)? {
        let stale = hydrated.count { $0.recent?.isStale == true }
        guard stale > 0 else { return nil }
        let reason = hydrated.lazy.compactMap { $0.recent?.reason }.first.map { ": \($0)" } ?? ""
        return (.countersStale, "the last known counts of \(stale) of \(hydrated.count) candidates\(reason)")
    }
}
