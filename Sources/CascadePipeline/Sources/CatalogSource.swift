import CascadeCore

/// Looks through the whole catalog, most popular items first, for what the filters keep: the last resort.
struct CatalogSource: Source {
    static let key = "catalog"
    let settings: SourceSettings
    let reason = Reason.fill
    let fallbackReason = Reason.fallbackPopular
    let pool: ComputePool

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        try await pool.run { cancellation in
            var search = CatalogSearch(query: query, page: page, cancellation: cancellation)
            for scored in query.release.popular {
                guard try search.isOpen() else { return search.batch }
                search.visit(scored.row, scored.score)
            }
            for row in 0..<Int32(clamping: query.catalog.count) {
                guard try search.isOpen() else { return search.batch }
                search.visit(row, 0)
            }
            return search.batch
        }
    }
}

/// A walk over the catalog that stops when enough is found.
private struct CatalogSearch {
    let query: PipelineQuery
    let page: SourcePage
    let cancellation: ComputePool.Cancellation
    private let filters: [any Filter]
    private var visited: [Bool]
    private var steps = 0
    private(set) var batch = SourceBatch(rows: [])

    init(query: PipelineQuery, page: SourcePage, cancellation: ComputePool.Cancellation) {
        self.query = query
        self.page = page
        self.cancellation = cancellation
        filters = page.filters.filter { $0.isEnabled(for: query) }
        visited = [Bool](repeating: false, count: query.catalog.count)
    }

    /// Whether more is wanted; throws once nobody waits for it.
    mutating func isOpen() throws -> Bool {
        steps += 1
        if steps.isMultiple(of: 1024) { try cancellation.check() }
        return batch.rows.count < page.limit
    }

    mutating func visit(_ row: Int32, _ score: Float) {
        guard row >= 0, Int(row) < visited.count, !visited[Int(row)] else { return }
        visited[Int(row)] = true
        guard !page.taken.contains(row), !query.catalog.isReplaced(row) else { return }
        if let filter = filters.first(where: { !$0.keeps(row, for: query) }) {
            batch.rejected[filter.name, default: 0] += 1
            return
        }
        if page.knownRemoved.contains(row) { return }
        let catalog = query.catalog
        if page.fullCreators.contains(catalog.creator(row)) { return }
        if !page.fullCategories.isEmpty, catalog.categories(row).contains(where: page.fullCategories.contains) {
            return
        }
        batch.rows.append(ScoredRow(row: row, score: score))
    }
}
