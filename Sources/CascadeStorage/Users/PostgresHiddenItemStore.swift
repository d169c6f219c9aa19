package import CascadeCore
import CascadePostgres

/// What users asked never to see again, in Postgres.
///
/// Every call throws `StorageError`; a write that returned is durable.
package struct PostgresHiddenItemStore: HiddenItemStore {
    let database: Database

    package func put(_ wish: HiddenItem) async throws -> Bool {
        try await database.run { session in
            try session.execute(
                """
                INSERT INTO user_hidden_items (user_id, item_id, hidden_at)
                VALUES (\(wish.userID.rawValue), \(wish.itemID.rawValue), \(wish.since.sql))
                ON CONFLICT (user_id, item_id) DO NOTHING
                """) > 0
        }
    }

    package func remove(_ item: ItemID, of user: UserID) async throws -> Bool {
        try await database.run { session in
            try session.execute(
                "DELETE FROM user_hidden_items WHERE user_id = \(user.rawValue) AND item_id = \(item.rawValue)") > 0
        }
    }

    package func hiddenItems(of user: UserID, after: ItemID?, limit: Int) async throws -> [HiddenItem] {
        try await database.run { session in
            try session.query(
                """
                SELECT item_id, hidden_at FROM user_hidden_items
                WHERE user_id = \(user.rawValue) AND item_id > \(after?.rawValue ?? "") ORDER BY item_id LIMIT \(limit)
                """
            ).map { row in
                HiddenItem(
                    userID: user, itemID: ItemID(try row.decode("item_id")),
                    since: Timestamp(try row.decode("hidden_at", as: PostgresTimestamp.self)))
            }
        }
    }

    package func latestHiddenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await database.run { session in
            try session.query(
                """
                SELECT item_id FROM user_hidden_items WHERE user_id = \(user.rawValue)
                ORDER BY hidden_at DESC, item_id LIMIT \(limit)
                """
            ).column("item_id", as: String.self).map(ItemID.init)
        }
    }
}
