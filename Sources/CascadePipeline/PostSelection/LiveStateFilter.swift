import CascadeCore

/// Removes items of the slate that were hidden or deleted since the release was made.
struct LiveStateFilter: PostSelectionFilter {
    static let key = "live_state"
    let name = Self.key
    let degradation = Degradation.liveStateUnavailable
    let timeout: Duration
    let states: any LiveStateReader

    func removals(from slate: [Candidate], for query: PipelineQuery) async throws -> Set<Int32> {
        let catalog = query.catalog
        let rows = Dictionary(slate.map { (catalog.itemID($0.row), $0.row) }, uniquingKeysWith: { first, _ in first })
        let states = try await states.states(of: Array(rows.keys))
        return Set(states.compactMap { id, state in state == .shown ? nil : rows[id] })
    }
}
