package import CascadeCore
import CascadePostgres

/// What a dump of the database holds, as of the moment that it shows.
package struct DumpContents: Sendable {
    /// A migration that the dumped schema has.
    package struct Migration: Codable, Hashable, Sendable {
        package let version: Int
        package let name: String
        /// SHA-256 of its file.
        package let checksum: String
    }

    /// The version of the server, such as `15.18`.
    package let server: String
    package let migrations: [Migration]
    /// All releases, newest first.
    package let releases: [Release]
    /// Rows by table.
    package internal(set) var rows: [String: Int]

    /// Reads everything but the rows, which take their time.
    init(_ session: PostgresSession) throws {
        server = try session.query("SELECT split_part(current_setting('server_version'), ' ', 1)").single().decode(0)
        migrations = try Self.migrations(session)
        releases = try session.query(
            """
            SELECT \(raw: Release.columns) FROM releases WHERE \(Release.built)
            ORDER BY created_at DESC, release_id DESC
            """
        ).map { row in try Release(row) }
        rows = [:]
    }

    /// The migrations that were applied, in their order; none before the first.
    static func migrations(_ session: PostgresSession) throws -> [Migration] {
        let table: String? = try session.query("SELECT to_regclass('schema_migrations')::text").single().decode(0)
        if table == nil { return [] }
        return try session.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version").map { row in
            Migration(
                version: try row.decode("version"), name: try row.decode("name"), checksum: try row.decode("checksum"))
        }
    }

    /// The tables of the schema, by name.
    static func tables(_ session: PostgresSession) throws -> [String] {
        try session.query(
            """
            SELECT relname::text AS name FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            ORDER BY relname
            """
        ).column("name")
    }

    /// Counts the rows of every table, exactly.
    static func rows(_ session: PostgresSession) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        for table in try tables(session) {
            rows[table] = try session.query(
                "SELECT count(*) FROM \(identifier: table)", timeout: Database.bulkLimit
            ).single().decode(0)
        }
        return rows
    }
}
