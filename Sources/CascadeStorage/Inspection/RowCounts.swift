package import CascadeCore
import CascadePostgres

/// Rows of the large tables: exact where counting is quick, else as the server estimates them.
package struct RowCounts: Sendable, Equatable {
    package var users = 0
    package var items = 0
    package var hiddenItems = 0
    package var impressions = 0
    package var events = 0
    /// Tables whose number is an estimate.
    package var estimated: [String] = []
    /// The newest time in the logs; of a large log the newest among the rows that were written last.
    package var latestFeedbackAt: Timestamp?

    package init() {}
}

extension Storage {
    /// Tables with more rows are not counted: a look at 20 million rows must not take seconds.
    package static let countedRows = 2_000_000

    /// - Parameter counted: the most rows that are counted one by one.
    package func rowCounts(counted: Int = countedRows) async throws -> RowCounts {
        try await database.run { session in
            var counts = RowCounts()
            counts.users = try Self.count("users", counted, &counts.estimated, session)
            counts.items = try Self.count("items", counted, &counts.estimated, session)
            counts.impressions = try Self.count("impressions", counted, &counts.estimated, session)
            counts.events = try Self.count("events", counted, &counts.estimated, session)
            counts.hiddenItems = try session.query("SELECT count(*) FROM items WHERE hidden").single().decode(0)
            let times = [("impressions", "shown_at"), ("events", "occurred_at")].map { table, column in
                (table, column, counts.estimated.contains(table))
            }
            for (table, column, isLarge) in times {
                let rows: SQL = isLarge ? try NewestRows.of(table, session) : "SELECT * FROM \(identifier: table)"
                let latest: PostgresTimestamp? = try session.query(
                    "SELECT max(\(identifier: column)) FROM (\(rows)) AS newest"
                ).single().decode(0)
                counts.latestFeedbackAt = [counts.latestFeedbackAt, latest.map(Timestamp.init)].compactMap(\.self).max()
            }
            return counts
        }
    }

    private static func count(
        _ table: String, _ counted: Int, _ estimated: inout [String], _ session: PostgresSession
    ) throws -> Int {
        let about: Int = try session.query(
            """
            SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class
            WHERE oid = \(table)::regclass AND relkind = 'r'
                OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = \(table)::regclass)
            """
        ).single().decode(0)
        if about > counted {
            estimated.append(table)
            return about
        }
        // Not analysed yet, the table may be larger than is known: counting ends behind the limit.
        let found: Int = try session.query(
            "SELECT count(*) FROM (SELECT FROM \(identifier: table) LIMIT \(counted + 1)) AS counted"
        ).single().decode(0)
        if found > counted { estimated.append(table) }
        return found
    }
}
