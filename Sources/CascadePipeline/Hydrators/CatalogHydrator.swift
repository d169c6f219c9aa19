/// Adds creator and categories, which the selection's caps go by.
struct CatalogHydrator: Hydrator {
    let name = "catalog_features"

    func hydrate(_ rows: [Int32], for query: PipelineQuery) async throws -> HydratedColumns {
        let catalog = query.catalog
        var hydrated = HydratedColumns()
        hydrated.creators = rows.map { catalog.creator($0) }
        hydrated.categories = rows.map { catalog.categories($0) }
        return hydrated
    }
}
