/// The most popular items of the release.
struct PopularSource: Source {
    static let key = "popular"
    let settings: SourceSettings
    let reason = Reason.popular
    let fallbackReason = Reason.fallbackPopular

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        SourceBatch(rows: page.pick(from: query.release.popular.lazy))
    }
}
