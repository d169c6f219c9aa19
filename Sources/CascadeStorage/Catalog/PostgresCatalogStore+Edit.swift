package import CascadeCore
import CascadePostgres

extension PostgresCatalogStore {
    package func change(
        _ id: ItemID, _ body: @escaping @Sendable (Item) throws -> ItemChange
    ) async throws -> Item? {
        let columns = Item.columns
        return try await edit { session in
            let found = try session.query(
                "SELECT \(raw: columns) FROM items WHERE item_id = \(id.rawValue) FOR UPDATE"
            ).optional()
            guard let found else { return nil }
            let change = try body(try Item(found))
            let undeclared = attributes.unknown(.item, in: change.item.attributes)
            try AttributeRegistry.add(undeclared, session)
            try session.execute(try CatalogInserts.upsert([change.item]))
            if !change.removedVectors.isEmpty {
                try session.execute(
                    "DELETE FROM item_vectors WHERE item_id = \(id.rawValue) AND name = ANY(\(change.removedVectors))")
            }
            for part in CatalogInserts.parts(of: change.vectors) { try session.execute(CatalogInserts.upsert(part)) }
            return (change.item, undeclared)
        }
    }

    package func change(_ id: UserID, _ body: @escaping @Sendable (User) throws -> User) async throws -> User? {
        let columns = User.columns
        return try await edit { session in
            let found = try session.query(
                "SELECT \(raw: columns) FROM users WHERE user_id = \(id.rawValue) FOR UPDATE"
            ).optional()
            guard let found else { return nil }
            let user = try body(try User(found))
            let undeclared = attributes.unknown(.user, in: user.attributes)
            try AttributeRegistry.add(undeclared, session)
            try session.execute(try CatalogInserts.upsert([user]))
            return (user, undeclared)
        }
    }

    /// Removes an item; triggers take its vectors along and note it for the servers that follow the catalog.
    package func delete(_ id: ItemID) async throws -> Bool {
        try await database.run { session in
            try session.execute("DELETE FROM items WHERE item_id = \(id.rawValue)") > 0
        }
    }

    /// Runs a change in a transaction and keeps in mind what it declared.
    private func edit<Entry: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> (entry: Entry, declared: [AttributeDefinition])?
    ) async throws -> Entry? {
        guard let done = try await database.transaction(body) else { return nil }
        attributes.remember(done.declared)
        return done.entry
    }
}
