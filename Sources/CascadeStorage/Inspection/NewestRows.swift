import CascadePostgres

/// The rows at the end of a table, where new ones are written, however large the table is.
enum NewestRows {
    /// About so many rows.
    static let wanted = 100_000

    /// Partitions that are looked at, the latest that have rows: a month that has just begun has few.
    private static let partitions = 2

    /// A statement that reads only the last blocks of the table, or of its latest partitions.
    static func of(_ table: String, wanted: Int = wanted, _ session: PostgresSession) throws -> SQL {
        // Where nothing is known of a table yet, fifty rows a block. Of partitions, the one before the months comes first.
        let parts = try session.query(
            """
            SELECT relation::text AS name, greatest(0, blocks - ceil(\(wanted)::float8 / density))::bigint AS block
            FROM (
                SELECT oid::regclass AS relation,
                    pg_relation_size(oid) / current_setting('block_size')::int AS blocks,
                    CASE WHEN relpages > 0 AND reltuples > 0 THEN reltuples / relpages ELSE 50 END AS density
                FROM pg_class
                WHERE oid = \(table)::regclass AND relkind = 'r'
                    OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = \(table)::regclass)
            ) AS size
            WHERE blocks > 0 ORDER BY relation::text !~ '_before$' DESC, relation::text DESC LIMIT \(partitions)
            """
        ).map { row -> SQL in
            let block: Int = try row.decode("block")
            let name: String = try row.decode("name")
            return "SELECT * FROM \(identifier: name) WHERE ctid >= '(\(raw: String(block)),0)'::tid"
        }
        return parts.isEmpty ? "SELECT * FROM \(identifier: table)" : SQL.joined(parts, separator: " UNION ALL ")
    }
}
