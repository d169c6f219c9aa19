import CascadeCore

/// The items nearest to the user in each of several interests, shared out by how likely each interest is.
///
/// The lists of the interests are merged by their quotas, never by their scores, which belong to different vectors; a row's
/// score is a number of that order alone. The `InterestMark` says which interest brought it.
struct InterestsSource: Source {
    static let key = "interests"

    let settings: SourceSettings
    let reason = Reason.interestCluster
    let pool: ComputePool

    /// A user without a history has no interests; see `PipelineQuery.coldStart`.
    func isEnabled(for query: PipelineQuery) -> Bool { absence(for: query) == nil }

    func absence(for query: PipelineQuery) -> String? {
        if query.release.interests == nil { return "the release has no model of interests" }
        return query.coldStart.map { "a user without interests: \($0.rawValue)" }
    }

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        guard let prepared = query.prepared, let retrieval = query.release.interests else {
            throw PipelineError.contract(component: name, detail: "the user could not be encoded")
        }
        let wish = RetrievalWish(
            limit: page.limit, excluded: page.taken.union(page.knownRemoved), categories: query.categories)
        let plan = try await pool.run { try retrieval.plan(for: prepared, wish, cancellation: $0) }
        return batch(plan, try await search(plan))
    }

    /// Searches the shares on all threads of the pool; the lists come in the order of the shares.
    private func search(_ plan: any InterestPlan) async throws -> [[ScoredRow]] {
        let count = plan.shares.count
        // Shares fall with their places, so that every nth of them makes parts of about the same work.
        let parts = min(pool.threads, count)
        return try await withThrowingTaskGroup(of: [(Int, [ScoredRow])].self) { group in
            for part in 0..<parts {
                group.addTask { [pool] in
                    try await pool.run { cancellation in
                        try stride(from: part, to: count, by: parts).map { share in
                            try cancellation.check()
                            return (share, try plan.search(share, cancellation: cancellation))
                        }
                    }
                }
            }
            var lists = [[ScoredRow]](repeating: [], count: count)
            for try await found in group { for (share, rows) in found { lists[share] = rows } }
            return lists
        }
    }

    private func batch(_ plan: any InterestPlan, _ lists: [[ScoredRow]]) -> SourceBatch {
        let shares = plan.shares
        var batch = SourceBatch(rows: [])
        let origins = shares.map { $0.because.map(\.rawValue) }
        for place in plan.merged(lists.map(\.count)) {
            let (share, row) = (shares[place.share], lists[place.share][place.rank].row)
            batch.rows.append(ScoredRow(row: row, score: place.score))
            batch.interests[row] = InterestMark(
                cluster: share.cluster, name: share.name, rank: place.rank, probability: share.probability,
                because: origins[place.share])
        }
        batch.reports = shares.indices.map { place in
            let share = shares[place]
            return InterestReport(
                cluster: share.cluster, name: share.name, probability: share.probability, quota: share.quota,
                found: lists[place].count, because: origins[place])
        }
        return batch
    }
}
