package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore {
    /// The items of `ids` that exist, in no order.
    package func items(_ ids: [ItemID]) async throws -> [Item] {
        guard !ids.isEmpty else { return [] }
        return try await database.read { session in
            try session.query(
                "SELECT \(raw: Item.columns) FROM items WHERE item_id = ANY(\(ids.map(\.rawValue)))"
            ).map { row in try Item(row) }
        }
    }

    /// The items that were made last, newest first, at most `limit`; hidden ones are left out.
    package func newestItems(limit: Int) async throws -> [Item] {
        try await database.read { session in
            try session.query(
                """
                SELECT \(raw: Item.columns) FROM items WHERE NOT hidden
                ORDER BY created_at DESC NULLS LAST, item_id LIMIT \(limit)
                """
            ).map { row in try Item(row) }
        }
    }
}
