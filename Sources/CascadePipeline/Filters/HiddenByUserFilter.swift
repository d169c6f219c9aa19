/// Removes what the user asked never to see again.
struct HiddenByUserFilter: Filter {
    static let key = "hidden_by_user"
    let name = Self.key

    func isEnabled(for query: PipelineQuery) -> Bool { !query.hiddenByUser.isEmpty }

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool { !query.hiddenByUser.contains(row) }
}
