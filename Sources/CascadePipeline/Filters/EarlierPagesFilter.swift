/// Removes what earlier pages of the same slate have shown.
struct EarlierPagesFilter: Filter {
    static let key = "earlier_pages"
    let name = Self.key

    func isEnabled(for query: PipelineQuery) -> Bool { !query.shownBefore.isEmpty }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool { !query.shownBefore.contains(row) }
}
