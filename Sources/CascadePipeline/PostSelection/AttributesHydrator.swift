import CascadeCore

/// Reads the slate's items from the catalog, for requests that include attributes.
struct AttributesHydrator: PostSelectionHydrator {
    let name = "attributes"
    let degradation = Degradation.attributesUnavailable
    let timeout: Duration
    let items: any ItemReader

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.include.contains(.attributes) }

    func hydrate(_ slate: [ItemID], for query: PipelineQuery) async throws -> [ItemID: Item] {
        try await items.items(slate)
    }
}
