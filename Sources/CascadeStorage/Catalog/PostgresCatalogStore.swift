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
        let json = try AttributesEncoder.encode(item.attributes)
        try await vectors.check(content)
        return try await put(attributes.unknown(.item, in: item.attributes), vectors: content) {
            """
            INSERT INTO items (item_id, title, creator_id, categories, attributes, created_at, hidden)
            VALUES (\(item.id.rawValue), \(item.title), \(item.creatorID), \(item.categories), \(json: json),
                \(item.createdAt?.sql), \(item.hidden))
            ON CONFLICT (item_id) DO UPDATE SET
                title = excluded.title, creator_id = excluded.creator_id, categories = excluded.categories,
                attributes = excluded.attributes, created_at = excluded.created_at, hidden = excluded.hidden,
                updated_at = now()
            RETURNING xmax = 0 AS is_new
            """
        }
    }

    package func item(_ id: ItemID) async throws -> Item? {
        try await database.run { session in
            try session.query("SELECT \(raw: Item.columns) FROM items WHERE item_id = \(id.rawValue)")
                .optional().map { row in try Item(row) }
        }
    }

    /// Writes a user whole, declaring attributes that nobody has declared by the types of their values.
    package func put(_ user: User) async throws -> Bool {
        let json = try AttributesEncoder.encode(user.attributes)
        return try await put(attributes.unknown(.user, in: user.attributes)) {
            """
            INSERT INTO users (user_id, attributes, created_at)
            VALUES (\(user.id.rawValue), \(json: json), \(user.createdAt?.sql))
            ON CONFLICT (user_id) DO UPDATE SET
                attributes = excluded.attributes, created_at = excluded.created_at, updated_at = now()
            RETURNING xmax = 0 AS is_new
            """
        }
    }

    package func user(_ id: UserID) async throws -> User? {
        try await database.run { session in
            try session.query("SELECT \(raw: User.columns) FROM users WHERE user_id = \(id.rawValue)")
                .optional().map { row in try User(row) }
        }
    }

    /// All items, sorted by the bytes of their identifiers; hidden ones too.
    package func items() async throws -> [Item] {
        try await database.run { session in
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
        try await database.run { session in
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
        _ undeclared: [AttributeDefinition], vectors: [ItemVector] = [], _ upsert: () -> SQL
    ) async throws -> Bool {
        let upsert = upsert()
        if undeclared.isEmpty, vectors.isEmpty {
            return try await database.run { session in try session.query(upsert).single().decode("is_new") }
        }
        let isNew: Bool = try await database.transaction { session in
            try AttributeRegistry.add(undeclared, session)
            let isNew: Bool = try session.query(upsert).single().decode("is_new")
            for vector in vectors { try Self.put(vector, session) }
            return isNew
        }
        attributes.remember(undeclared)
        return isNew
    }

    private static func put(_ vector: ItemVector, _ session: PostgresSession) throws {
        let bytes = VectorBytes.lend(vector.values) { Array($0) }
        try session.execute(
            """
            INSERT INTO item_vectors AS old (item_id, name, vector)
            VALUES (\(vector.itemID.rawValue), \(vector.name), \(bytes: bytes))
            ON CONFLICT (item_id, name) DO UPDATE SET vector = excluded.vector
            WHERE old.vector IS DISTINCT FROM excluded.vector
            """)
    }
}
