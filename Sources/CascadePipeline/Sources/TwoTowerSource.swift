import CascadeCore

/// The items nearest to the user in the two-tower index, among those that the request admits: by the user's history, or without one by
/// the user's attributes.
struct TwoTowerSource: Source {
    static let key = "two_tower"
    let settings: SourceSettings
    let reason = Reason.similarToHistory
    let fallbackReason = Reason.userAttributes
    let pool: ComputePool

    func isEnabled(for query: PipelineQuery) -> Bool { query.isTold }

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        guard let prepared = query.prepared else {
            throw PipelineError.contract(component: name, detail: "the user could not be encoded")
        }
        let release = query.release
        let wish = RetrievalWish(
            limit: page.limit, excluded: page.taken.union(page.knownRemoved), categories: query.categories)
        let rows = try await pool.run { cancellation in
            try release.retrieve(prepared, wish, cancellation: cancellation)
        }
        return SourceBatch(rows: rows)
    }
}
