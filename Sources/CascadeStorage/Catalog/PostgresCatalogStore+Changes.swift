package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore: CatalogChangeStore {
    /// The position is the oldest transaction that was running: all before it were read, or came to nothing.
    package func changes(
        since cursor: CatalogCursor?, _ visit: @escaping @Sendable (CatalogChange) throws -> Void
    ) async throws -> CatalogCursor {
        try await database.transaction(isolation: .repeatableRead, readOnly: true) { session in
            let oldest: String = try session.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest")
                .single().decode("oldest")
            guard let position = UInt64(oldest) else {
                throw StorageError.corruptValue(reason: "\"\(oldest)\" is no transaction")
            }
            // A database restored from a dump counts its transactions anew: then everything is read again. Its rows
            // carry the numbers of the former one, which may lie far ahead, so later looks have an upper end too; whatever
            // a visible transaction of this database wrote lies below it.
            let known = cursor.flatMap { $0.position <= position ? $0.position : nil }
            let since = String(known ?? 0)
            let end: SQL =
                known == nil ? "" : "AND changed_in < pg_snapshot_xmax(pg_current_snapshot())"
            try session.copyOut(
                """
                SELECT \(raw: Item.columns) FROM items WHERE changed_in >= \(since)::xid8 \(end)
                ORDER BY changed_in, item_id
                """, timeout: Database.bulkLimit
            ) { row in try visit(.put(try Item(row))) }
            try session.copyOut(
                """
                SELECT item_id FROM deleted_items WHERE changed_in >= \(since)::xid8 \(end)
                ORDER BY changed_in, item_id
                """, timeout: Database.bulkLimit
            ) { row in try visit(.deleted(ItemID(try row.string(0)))) }
            return CatalogCursor(position: position)
        }
    }

    package func deletedItems() async throws -> [ItemID] {
        try await database.run { session in
            try session.query("SELECT item_id FROM deleted_items ORDER BY item_id").column("item_id", as: String.self)
                .map(ItemID.init)
        }
    }

    /// Which of these items are hidden or deleted; the others are shown, or in no catalog.
    package func withdrawn(among ids: [ItemID]) async throws -> (hidden: [ItemID], deleted: [ItemID]) {
        guard !ids.isEmpty else { return ([], []) }
        let names = ids.map(\.rawValue)
        return try await database.run { session in
            let rows = try session.query(
                """
                SELECT item_id, false AS deleted FROM items WHERE item_id = ANY(\(names)) AND hidden
                UNION ALL SELECT item_id, true FROM deleted_items WHERE item_id = ANY(\(names))
                """)
            var hidden: [ItemID] = []
            var deleted: [ItemID] = []
            for row in rows {
                let id = ItemID(try row.decode("item_id"))
                if try row.decode("deleted") { deleted.append(id) } else { hidden.append(id) }
            }
            return (hidden, deleted)
        }
    }
}
