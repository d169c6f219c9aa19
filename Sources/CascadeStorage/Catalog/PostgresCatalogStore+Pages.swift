package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore {
    /// Reads along the primary key; a rare category costs as much of the catalog as it takes to find its items.
    package func items(_ filter: ItemFilter, after: ItemID?, limit: Int) async throws -> [Item] {
        let category: SQL = filter.category.map { "AND \($0) = ANY(categories)" } ?? ""
        let hidden: SQL = filter.hidden.map { $0 ? "AND hidden" : "AND NOT hidden" } ?? ""
        return try await database.read { session in
            try session.query(
                """
                SELECT \(raw: Item.columns) FROM items
                WHERE item_id > \(after?.rawValue ?? "") \(category) \(hidden) ORDER BY item_id LIMIT \(limit)
                """
            ).map { row in try Item(row) }
        }
    }

    package func users(after: UserID?, limit: Int) async throws -> [User] {
        try await database.read { session in
            try session.query(
                """
                SELECT \(raw: User.columns) FROM users
                WHERE user_id > \(after?.rawValue ?? "") ORDER BY user_id LIMIT \(limit)
                """
            ).map { row in try User(row) }
        }
    }
}
