/// Removes what the user was shown or acted on, unless the request allows it.
struct SeenFilter: Filter {
    static let key = "seen"
    let name = Self.key

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.filters.excludeSeen }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool { !query.seen.contains(row) }
}
