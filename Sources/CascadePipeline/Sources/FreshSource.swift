import CascadeCore

/// The newest items of the release; their score is minus their age in days.
struct FreshSource: Source {
    static let key = "fresh"
    let settings: SourceSettings
    let reason = Reason.fresh
    let fallbackReason = Reason.fallbackRecent

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        let catalog = query.catalog
        let rows = query.release.fresh.lazy.map { row in
            let created = catalog.createdAt(row)?.seconds ?? 0
            return ScoredRow(row: row, score: Float((created - query.now.seconds) / 86_400))
        }
        return SourceBatch(rows: page.pick(from: rows))
    }
}
