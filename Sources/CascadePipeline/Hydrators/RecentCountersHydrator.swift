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
        let limit = min(timeout, query.remaining(clock))
        let read = await withDeadline(limit, clock) { try await counters.read(user: user, rows: rows, at: moment) }
        let found: [RecentCounts]
        if case .value(let fresh) = read {
            found = fresh
        } else {
            found = await counters.lastKnown(user: user, rows: rows)
        }
        guard found.count == candidates.count else {
            throw PipelineError.contract(
                component: name, detail: "\(candidates.count) candidates in, counts of \(found.count) out")
        }
        var hydrated = candidates
        for index in hydrated.indices { hydrated[index].recent = found[index] }
        return hydrated
    }

    func shortcoming(of hydrated: [Candidate]) -> (degradation: Degradation, note: String)? {
        let stale = hydrated.count { $0.recent?.isStale == true }
        guard stale > 0 else { return nil }
        return (.countersStale, "the last known counts of \(stale) of \(hydrated.count) candidates")
    }
}
