import CascadePostgres

/// A temporary table that takes the rows of a batch by COPY, from where one statement moves them into their own table.
///
/// It lives as long as its connection and is empty after every transaction; behind a proxy that shares sessions it lives for the
/// transaction. Temporary tables write no log, so staging costs about a tenth of what the keyed insert behind it does.
struct Staging {
    let table: String
    let definition: String
    let columns: [String]

    static let users = Staging(
        table: "staged_users",
        definition: #"user_id text COLLATE "C", attributes jsonb, created_at timestamptz"#,
        columns: ["user_id", "attributes", "created_at"])

    static let items = Staging(
        table: "staged_items",
        definition: """
            item_id text COLLATE "C", title text, creator_id text COLLATE "C", categories text[], attributes jsonb,
            created_at timestamptz, hidden boolean
            """,
        columns: ["item_id", "title", "creator_id", "categories", "attributes", "created_at", "hidden"])

    static let impressions = Staging(
        table: "staged_impressions",
        definition: """
            impression_id text COLLATE "C", user_id text COLLATE "C", item_id text COLLATE "C", shown_at timestamptz,
            position integer, propensity real, recommendation_id text COLLATE "C", observed integer,
            surface text COLLATE "C"
            """,
        columns: [
            "impression_id", "user_id", "item_id", "shown_at", "position", "propensity", "recommendation_id",
            "observed", "surface",
        ])

    static let events = Staging(
        table: "staged_events",
        definition: """
            event_id text COLLATE "C", signal_id smallint, user_id text COLLATE "C", item_id text COLLATE "C",
            occurred_at timestamptz, value double precision, impression_id text COLLATE "C",
            recommendation_id text COLLATE "C", session_id text COLLATE "C", position integer,
            surface text COLLATE "C"
            """,
        columns: [
            "event_id", "signal_id", "user_id", "item_id", "occurred_at", "value", "impression_id",
            "recommendation_id", "session_id", "position", "surface",
        ])

    static let relations = Staging(
        table: "staged_relations",
        definition: #"user_id text COLLATE "C", kind text COLLATE "C", target_id text COLLATE "C", since timestamptz"#,
        columns: ["user_id", "kind", "target_id", "since"])

    static let vectors = Staging(
        table: "staged_vectors", definition: #"item_id text COLLATE "C", name text COLLATE "C", vector bytea"#,
        columns: ["item_id", "name", "vector"])

    /// Makes the tables where this connection has them not yet; inside a transaction.
    static func prepare(_ stages: [Staging], _ session: PostgresSession) throws(PostgresError) {
        let tables = stages.map { stage in
            if !session.sharesSessions {
                return "CREATE TEMPORARY TABLE IF NOT EXISTS \(stage.table) (\(stage.definition)) ON COMMIT DELETE ROWS"
            }
            // Whatever another program, or an older one, left in the session has other columns, perhaps.
            return "DROP TABLE IF EXISTS pg_temp.\(stage.table); "
                + "CREATE TEMPORARY TABLE \(stage.table) (\(stage.definition)) ON COMMIT DROP"
        }
        // Memory for sorting a batch by its key; no notices about tables that are there; no compiling for one run.
        let settings = [
            "SET LOCAL work_mem = '64MB'", "SET LOCAL client_min_messages = warning", "SET LOCAL jit = off",
        ]
        try session.script((settings + tables).joined(separator: "; "))
    }

    /// Streams rows into the table; `write` writes the fields of a row in the order of `columns`.
    func copy<Entry>(
        _ rows: [Entry], _ session: PostgresSession, _ write: (Entry, CopyInWriter) throws -> Void
    ) throws {
        try session.copyIn(table: table, columns: columns, format: .binary, timeout: Database.bulkLimit) { writer in
            for row in rows {
                try write(row, writer)
                try writer.endRow()
            }
        }
    }
}
