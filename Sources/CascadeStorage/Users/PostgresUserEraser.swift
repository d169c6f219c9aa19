package import CascadeCore
import CascadePostgres

/// Removes users from every table of Postgres that names them.
///
/// Every call throws `StorageError`; what is removed is gone for good when the call returns, or nothing is.
package struct PostgresUserEraser: UserEraser {
    let database: Database

    /// The tables that name users, each with a column `user_id`.
    private static let tables = [
        "events", "impressions", "user_relations", "user_hidden_items", "recommendation_traces", "slate_pages",
        "users",
    ]

    /// Removes a user in one snapshot: a row that somebody writes meanwhile stays whole, with what was counted of it.
    package func erase(_ user: UserID) async throws -> UserErasure? {
        let id = user.rawValue
        return try await database.transaction(isolation: .repeatableRead) { session in
            // First of all, in the order of those who count the logs anew.
            try CounterUpkeep.lock(session)
            let release = try session.query(Self.holding(id)).optional()
            var deleted: [String: Int] = [:]
            try session.execute(
                """
                DELETE FROM event_ids WHERE event_id IN (SELECT event_id FROM events WHERE user_id = \(id))
                """)
            try session.execute(
                """
                DELETE FROM impression_ids AS ids USING impressions AS i
                WHERE i.user_id = \(id) AND ids.impression_id = i.impression_id AND ids.item_id = i.item_id
                """)
            for table in Self.tables {
                deleted[table] = try session.execute("DELETE FROM \(identifier: table) WHERE user_id = \(id)")
            }
            guard deleted.values.contains(where: { $0 > 0 }) else { return nil }
            try CounterUpkeep.forget(user, session)
            try session.execute("INSERT INTO user_erasures DEFAULT VALUES")
            return UserErasure(
                deletedRows: deleted, releaseID: try release?.decode("release_id"),
                remains: try release.map(Self.remains) ?? [])
        }
    }

    /// When a user was erased last; nil for never. What was read of the database before may hold a user that was erased.
    package func latestErasure() async throws -> Timestamp? {
        try await database.run { session in try Self.latestErasure(session).map(Timestamp.init) }
    }

    static func latestErasure(_ session: PostgresSession) throws -> PostgresTimestamp? {
        try session.query("SELECT max(erased_at) AS latest FROM user_erasures").single().decode("latest")
    }

    private static func remains(_ row: Row) throws -> [UserErasure.Remains] {
        let interactions: Bool = try row.decode("interactions")
        var remains: [UserErasure.Remains] = interactions ? [.interactions] : []
        if try row.decode("attributes") { remains.append(.attributes) }
        if interactions, try row.decode("by_user_id") { remains.append(.userID) }
        return remains
    }

    /// The active release with what its models can have read of a user, by the times of the rows.
    ///
    /// A training reads what came before the end of its period, and no later than it was recorded itself. A calibration reads
    /// what came before it as well, and has no period of its own here. A training that went on from other models has what these have
    /// read, whatever its own period.
    private static func holding(_ user: String) -> SQL {
        """
        SELECT release_id,
            EXISTS (SELECT FROM events WHERE user_id = \(user) AND occurred_at >= start AND occurred_at < stop)
                OR EXISTS (SELECT FROM impressions WHERE user_id = \(user) AND shown_at >= start AND shown_at < stop)
                AS interactions,
            EXISTS (SELECT FROM users WHERE user_id = \(user) AND added_at < trained_at) AS attributes, by_user_id
        FROM (
            SELECT r.release_id, m.created_at AS trained_at,
                CASE WHEN calibrated OR m.warm_from IS NOT NULL THEN '-infinity'
                    ELSE coalesce(m.data_from, '-infinity') END AS start,
                CASE WHEN calibrated THEN r.created_at ELSE least(m.data_until, m.created_at) END AS stop,
                coalesce(m.config #>> '{retrieval,user_id}' = 'true', false) AS by_user_id
            FROM releases AS r JOIN model_versions AS m ON m.model_id = r.retrieval_model_id
                CROSS JOIN LATERAL (
                    SELECT coalesce(r.metrics @? '$.keyvalue() ? (@.key starts with "calibration.")', false)
                ) AS c (calibrated)
            WHERE r.state = 'active'
        ) AS active
        """
    }
}
