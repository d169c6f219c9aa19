/// A migration and what the database knows of it.
package struct MigrationState: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        /// Not applied yet.
        case pending
        /// Applied, and the file is as it was then.
        case applied(at: PostgresTimestamp)
        /// Applied, and the file was changed since.
        case changed(at: PostgresTimestamp)
        /// Applied by a newer program; this one has no such file.
        case unknown(at: PostgresTimestamp)
    }

    package let version: Int
    package let name: String
    package let state: State
}

/// A row of `schema_migrations`.
struct AppliedMigration: Equatable, Sendable {
    let version: Int
    let name: String
    let checksum: String
    let appliedAt: PostgresTimestamp

    /// What the database knows, by version; empty before the first migration.
    static func load(_ session: PostgresSession) throws(PostgresError) -> [Int: AppliedMigration] {
        let table: String? = try session.query("SELECT to_regclass('schema_migrations')::text").single().decode(0)
        if table == nil { return [:] }
        var applied: [Int: AppliedMigration] = [:]
        for row in try session.query("SELECT version, name, checksum, applied_at FROM schema_migrations") {
            let migration = AppliedMigration(
                version: try row.decode("version"), name: try row.decode("name"),
                checksum: try row.decode("checksum"), appliedAt: try row.decode("applied_at"))
            applied[migration.version] = migration
        }
        return applied
    }
}
