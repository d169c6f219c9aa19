package import CascadeCore
import CascadePostgres

/// Items, users and the declarations of their attributes in Postgres.
///
/// Every call throws `StorageError`; a write that returned is durable.
package struct PostgresCatalogStore: CatalogStore {
    let database: Database
    let attributes: AttributeRegistry
    let vectors: VectorRegistry

    /// Writes an item whole, declaring attributes that nobody has declared by the types of their values.
    package func put(_ item: Item) async throws -> Bool { try await put(item, vectors: []) }

    /// Writes an item whole and some of its content vectors, in one transaction.
    package func put(_ item: Item, vectors content: [ItemVector]) async throws -> Bool {
        let upsert = try CatalogInserts.upsert([item])
        try await vectors.check(content)
        return try await put(attributes.unknown(.item, in: item.attributes), vectors: content, upsert)
    }

    package func item(_ id: ItemID) async throws -> Item? {
        try await database.run { session in
            try session.query("SELECT \(raw: Item.columns) FROM items WHERE item_id = \(id.rawValue)")
                .optional().map { row in try Item(row) }
        }
    }

    /// Writes a user whole, declaring attributes that nobody has declared by the types of their values.
    package func put(_ user: User) async throws -> Bool {
        try await put(attributes.unknown(.user, in: user.attributes), try CatalogInserts.upsert([user]))
    }

    package func user(_ id: UserID) async throws -> User? {
        try await database.run { session in
            try session.query("SELECT \(raw: User.columns) FROM users WHERE user_id = \(id.rawValue)")
                .optional().map { row in try User(row) }
        }
    }

    /// All items, sorted by the bytes of their identifiers; hidden ones too.
    package func items() async throws -> [Item] {
        try await database.readAll { session in
            var items: [Item] = []
            try session.copyOut("SELECT \(raw: Item.columns) FROM items ORDER BY item_id", timeout: Database.bulkLimit)
            { row in
                items.append(try Item(row))
            }
            return items
        }
    }

    /// All users, sorted by the bytes of their identifiers.
    package func users() async throws -> [User] {
        try await database.readAll { session in
            var users: [User] = []
            try session.copyOut("SELECT \(raw: User.columns) FROM users ORDER BY user_id", timeout: Database.bulkLimit)
            { row in
                users.append(try User(row))
            }
            return users
        }
    }

    package func attributeDefinitions() async throws -> [AttributeDefinition] {
        try await attributes.definitions()
    }

    /// Runs an upsert together with the declarations it needs and the vectors behind it; true when its row was new.
    private func put(
        _ undeclared: [AttributeDefinition], vectors: [ItemVector] = [], _ upsert: SQL
    ) async throws -> Bool {
        if undeclared.isEmpty, vectors.isEmpty {
            return try await database.run { session in try Self.isNew(upsert, session) }
        }
        let isNew = try await database.transaction { session in
            try AttributeRegistry.add(undeclared, session)
            let isNew = try Self.isNew(upsert, session)
            for part in CatalogInserts.parts(of: vectors) { try session.execute(CatalogInserts.upsert(part)) }
            return isNew
        }
        attributes.remember(undeclared)
        return isNew
    }

    /// A row that is there as it is to be gives none.
    private static func isNew(_ upsert: SQL, _ session: PostgresSession) throws -> Bool {
        try session.query(upsert).optional()?.decode("is_new") ?? false
    }
}
