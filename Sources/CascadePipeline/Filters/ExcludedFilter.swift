/// Removes the items that the request excludes by name.
struct ExcludedFilter: Filter {
    static let key = "excluded"
    let name = Self.key
    let isRequested = true

    func isEnabled(for query: PipelineQuery) -> Bool { !query.excluded.isEmpty }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool { !query.excluded.contains(row) }
}
