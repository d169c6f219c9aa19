import CascadePostgres
package import Foundation

extension Storage {
    /// Dumps the whole database as of one moment into a new file, by `pg_dump`.
    ///
    /// `keep` gets what the dump will hold before any release can be activated or given up, so that it can put the artifacts
    /// of all of them aside: nothing of theirs is deleted until it returns. It runs on the connection's thread and may block.
    package func dump(
        to file: URL, _ keep: @escaping @Sendable (DumpContents) throws -> Void
    ) async throws -> DumpContents {
        do {
            return try await pool.withConnection { connection in
                // Of the session and not of the transaction, which must see what was changed before it was granted.
                try await connection.query("SELECT pg_advisory_lock(\(Self.activations))", timeout: .seconds(600))
                do {
                    return try await connection.withTransaction(isolation: .repeatableRead, readOnly: true) {
                        try await Self.dump($0, to: file, pool.configuration, keep)
                    }
                } catch {
                    // Ends with the connection, should this fail too.
                    _ = try? await connection.query("SELECT pg_advisory_unlock_all()")
                    throw error
                }
            }
        } catch {
            throw Database.storageError(error)
        }
    }

    /// The lock that `PostgresReleaseStore` takes for every activation.
    private static let activations: SQL = "hashtextextended('cascade activation', 0)"

    private static func dump(
        _ connection: PostgresConnection, to file: URL, _ configuration: PostgresConfiguration,
        _ keep: @escaping @Sendable (DumpContents) throws -> Void
    ) async throws -> DumpContents {
        let (snapshot, tools, contents) = try await connection.withSession {
            session -> (String, DumpTools, DumpContents) in
            // The transaction waits for pg_dump, which may take longer than a server lets one be idle.
            try session.script("SET LOCAL idle_in_transaction_session_timeout = 0")
            let snapshot: String = try session.query("SELECT pg_export_snapshot()").single().decode(0)
            let tools = try Self.tools(session, configuration)
            var contents = try DumpContents(session)
            try keep(contents)
            try session.query("SELECT pg_advisory_unlock(\(activations))")
            contents.rows = try DumpContents.rows(session)
            return (snapshot, tools, contents)
        }
        try await tools.dump(to: file, snapshot: snapshot)
        return contents
    }

    /// The programs for the server of a session.
    static func tools(_ session: PostgresSession, _ configuration: PostgresConfiguration) throws -> DumpTools {
        let row = try session.query(
            "SELECT current_database()::text AS name, current_setting('server_version_num')::int / 10000 AS version"
        ).single()
        return try DumpTools(
            configuration, database: try row.decode("name"), version: try row.decode("version"))
    }
}
