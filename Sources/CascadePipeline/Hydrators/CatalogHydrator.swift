/// Adds creator and categories, which the selection's caps go by.
struct CatalogHydrator: Hydrator {
    let name = "catalog_features"

    func hydrate(_ candidates: [Candidate], for query: PipelineQuery) async throws -> [Candidate] {
        let catalog = query.catalog
        var hydrated = candidates
        for index in hydrated.indices {
            hydrated[index].creator = catalog.creator(hydrated[index].row)
            hydrated[index].categories = catalog.categories(hydrated[index].row)
        }
        return hydrated
    }
}
