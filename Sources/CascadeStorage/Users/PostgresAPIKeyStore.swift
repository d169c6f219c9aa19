package import CascadeCore
import CascadePostgres

/// Keys of the REST service in Postgres. Every call throws `StorageError`.
package struct PostgresAPIKeyStore: Sendable {
    let database: Database

    /// Keeps a new key; throws `.alreadyRegistered` for an identifier or a digest that is there.
    package func add(_ key: APIKey) async throws {
        let added = try await database.run { session in
            try session.execute(
                """
                INSERT INTO api_keys (key_id, name, digest, scopes, created_at)
                VALUES (\(key.id), \(key.name), \(bytes: key.digest), \(key.scopes.map(\.rawValue).sorted()),
                    \(key.createdAt.sql))
                ON CONFLICT DO NOTHING
                """)
        }
        guard added > 0 else { throw StorageError.alreadyRegistered(id: key.id) }
    }

    /// All keys, newest first, those too that are taken no more.
    package func keys() async throws -> [APIKey] {
        try await database.run { session in
            try session.query(
                """
                SELECT key_id, name, digest, scopes, created_at, revoked_at FROM api_keys
                ORDER BY created_at DESC, key_id
                """
            ).map { row in
                APIKey(
                    id: try row.decode("key_id"), name: try row.decode("name"),
                    digest: try row.decode("digest", as: PostgresBytes.self).bytes,
                    // A scope of a later version allows nothing here.
                    scopes: Set(try row.decode("scopes", as: [String].self).compactMap(APIScope.init)),
                    createdAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)),
                    revokedAt: try row.decode("revoked_at", as: PostgresTimestamp?.self).map(Timestamp.init))
            }
        }
    }

    /// Takes a key no more; false where there is none that is taken.
    package func revoke(_ id: String) async throws -> Bool {
        try await database.run { session in
            try session.execute(
                "UPDATE api_keys SET revoked_at = now() WHERE key_id = \(id) AND revoked_at IS NULL") > 0
        }
    }
}
