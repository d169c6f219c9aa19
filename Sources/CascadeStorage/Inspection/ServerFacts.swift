package import CascadeCore
import CascadePostgres

/// What an operator wants to know of the server and the database.
package struct ServerFacts: Sendable, Equatable {
    /// Such as `15.18`.
    package var version: String
    package var majorVersion: Int
    package var encoding: String
    /// Of the whole database on the disk.
    package var bytes: Int
    /// Client connections of all databases of the server.
    package var connections: Int
    package var maximumConnections: Int
    /// Of them, kept for superusers.
    package var reservedConnections: Int
    /// Settings without which a commit may be lost in a crash; each `on` or as the server has it.
    package var durability: [String: String]
    /// Whether the role may make tables where the program would.
    package var mayCreate: Bool
    package var isReadOnly: Bool
    /// The server's clock when it answered.
    package var clock: Timestamp
}

/// A transaction that has run for long.
package struct OldTransaction: Sendable, Equatable {
    package let processID: Int
    package let seconds: Double
    package let application: String
    /// `active`, `idle in transaction` or another state of the server's.
    package let state: String
}

extension Storage {
    package func serverFacts() async throws -> ServerFacts {
        try await database.run { session in
            let row = try session.query(
                """
                SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
                    current_setting('server_version_num')::int / 10000 AS major,
                    pg_encoding_to_char(encoding)::text AS encoding, pg_database_size(oid) AS bytes,
                    (SELECT count(*) FROM pg_stat_activity
                        WHERE coalesce(backend_type, 'client backend') = 'client backend') AS connections,
                    current_setting('max_connections')::int AS maximum,
                    current_setting('superuser_reserved_connections')::int AS reserved,
                    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
                    current_setting('synchronous_commit') AS synchronous_commit,
                    coalesce(has_schema_privilege(current_schema()::text, 'CREATE'), false) AS may_create,
                    pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS read_only,
                    clock_timestamp() AS clock
                FROM pg_database WHERE datname = current_database()
                """
            ).single()
            var durability: [String: String] = [:]
            for name in ["fsync", "full_page_writes", "synchronous_commit"] { durability[name] = try row.decode(name) }
            return ServerFacts(
                version: try row.decode("version"), majorVersion: try row.decode("major"),
                encoding: try row.decode("encoding"), bytes: try row.decode("bytes"),
                connections: try row.decode("connections"), maximumConnections: try row.decode("maximum"),
                reservedConnections: try row.decode("reserved"), durability: durability,
                mayCreate: try row.decode("may_create"), isReadOnly: try row.decode("read_only"),
                clock: Timestamp(try row.decode("clock", as: PostgresTimestamp.self)))
        }
    }

    /// Transactions of this database that began `seconds` ago or earlier, oldest first.
    package func transactions(olderThan seconds: Double) async throws -> [OldTransaction] {
        try await database.run { session in
            try session.query(
                """
                SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
                    coalesce(application_name, '') AS application, coalesce(state, '') AS state
                FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND coalesce(backend_type, 'client backend') = 'client backend'
                    AND xact_start <= clock_timestamp() - make_interval(secs => \(seconds))
                ORDER BY xact_start
                """
            ).map { row in
                OldTransaction(
                    processID: try row.decode("pid"), seconds: try row.decode("seconds"),
                    application: try row.decode("application"), state: try row.decode("state"))
            }
        }
    }

    /// The names of transactions that were prepared and neither committed nor rolled back, oldest first.
    package func preparedTransactions() async throws -> [String] {
        try await database.run { session in
            try session.query(
                "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared"
            ).column("gid")
        }
    }

    /// The names of indexes that the server does not use, since their making was broken off.
    package func invalidIndexes() async throws -> [String] {
        try await database.run { session in
            try session.query(
                """
                SELECT relname::text AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                WHERE NOT (indisvalid AND indisready) AND relnamespace = current_schema()::regnamespace ORDER BY relname
                """
            ).column("name")
        }
    }
}
