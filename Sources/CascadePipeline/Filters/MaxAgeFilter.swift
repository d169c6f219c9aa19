import CascadeCore

/// Keeps only items that were created recently enough for the request.
struct MaxAgeFilter: Filter {
    static let key = "max_age"
    let name = Self.key
    let isRequested = true

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.filters.maxAgeSeconds != nil }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool {
        guard let limit = query.request.filters.maxAgeSeconds else { return true }
        guard let created = query.catalog.createdAt(row) else { return false }
        return query.now.seconds - created.seconds <= limit
    }
}
