import CascadePostgres

/// The rows at the end of a table, where new ones are written, however large the table is.
enum NewestRows {
    /// About so many rows.
    static let wanted = 100_000

    /// A statement that reads only the last blocks of the table.
    static func of(_ table: String, wanted: Int = wanted, _ session: PostgresSession) throws(PostgresError) -> SQL {
        // Where nothing is known of the table yet, fifty rows a block.
        let block: Int = try session.query(
            """
            SELECT greatest(0, blocks - ceil(\(wanted)::float8 / density))::bigint FROM (
                SELECT pg_relation_size(oid) / current_setting('block_size')::int AS blocks,
                    CASE WHEN relpages > 0 AND reltuples > 0 THEN reltuples / relpages ELSE 50 END AS density
                FROM pg_class WHERE oid = \(table)::regclass
            ) AS size
            """
        ).single().decode(0)
        return "SELECT * FROM \(identifier: table) WHERE ctid >= '(\(raw: String(block)),0)'::tid"
    }
}
