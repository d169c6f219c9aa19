/// Removes items that are hidden, deleted or replaced, for everybody.
struct HiddenFilter: Filter {
    static let key = "hidden"
    let name = Self.key

    func keeps(_ row: Int32, for query: PipelineQuery) -> Bool {
        let catalog = query.catalog
        return !catalog.isHidden(row) && !catalog.isDeleted(row) && !catalog.isReplaced(row)
    }
}
