/// Keeps only items of at least one of the categories that the request names.
struct CategoriesFilter: Filter {
    static let key = "categories_any"
    let name = Self.key
    let isRequested = true

    func isEnabled(for query: PipelineQuery) -> Bool { query.categories != nil }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool {
        guard let wanted = query.categories else { return true }
        return query.catalog.categories(row).contains(where: wanted.contains)
    }
}
