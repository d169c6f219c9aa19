import CascadeCore
import CascadePipeline
import CascadeStorage

/// Items as the catalog has them now, for attributes, for hidden ones, and for slates without a release.
struct StoredItems: ItemReader, LiveStateReader {
    let catalog: PostgresCatalogStore

    func items(_ ids: [ItemID]) async throws -> [ItemID: Item] {
        let found = try await catalog.items(ids)
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func fallbackItems(limit: Int) async throws -> [Item] { try await catalog.newestItems(limit: limit) }

    func states(of ids: [ItemID]) async throws -> [ItemID: LiveItemState] {
        let withdrawn = try await catalog.withdrawn(among: ids)
        let hidden = withdrawn.hidden.map { ($0, LiveItemState.hidden) }
        return Dictionary(
            hidden + withdrawn.deleted.map { ($0, LiveItemState.deleted) }, uniquingKeysWith: { first, _ in first })
    }
}
