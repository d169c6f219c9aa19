package import CascadeCore
import CascadePostgres

/// One partition of events or impressions.
package struct LogPartition: Hashable, Sendable {
    /// `events` or `impressions`.
    package let log: String
    package let name: String
    /// Rows, about: as the database counted last; nil where it has not yet.
    package let rows: Int?
    /// On disk, with its indexes.
    package let bytes: Int
}

/// What went with old months.
package struct LogRemoval: Hashable, Sendable {
    /// Names of the partitions that were dropped.
    package var partitions: [String] = []
    /// Rows that were deleted of the partition before the months.
    package var rows = 0
    /// Identifiers that may be used again.
    package var identifiers = 0
}

/// The logs by month: what there is, what comes, and what goes. Every call throws `StorageError`.
package struct PostgresLogStore: Sendable {
    let database: Database

    /// Months behind the present one that have partitions ahead of time.
    static let monthsAhead = 2

    /// The partitions of what is older than the months, with their columns of time.
    private static let before = [("events_before", "occurred_at"), ("impressions_before", "shown_at")]

    /// Names of the partitions of months before the one that begins at `start`.
    private static func partitions(before start: Timestamp, _ session: PostgresSession) throws -> [String] {
        try session.query(
            """
            SELECT inhrelid::regclass::text AS name FROM pg_inherits
            WHERE inhparent IN ('events'::regclass, 'impressions'::regclass)
                AND CASE WHEN inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$' THEN
                    to_timestamp(right(inhrelid::regclass::text, 7) || ' +00', 'YYYY_MM TZH') < \(start.sql)
                    ELSE false END
            ORDER BY name
            """
        ).column("name")
    }

    package func partitions() async throws -> [LogPartition] {
        try await database.run { session in
            try session.query(
                """
                SELECT inhparent::regclass::text AS log, inhrelid::regclass::text AS name, reltuples::bigint AS rows,
                    pg_total_relation_size(inhrelid) AS bytes
                FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent IN ('events'::regclass, 'impressions'::regclass)
                ORDER BY log, CASE WHEN right(inhrelid::regclass::text, 6) = 'before' THEN 0 ELSE 1 END, name
                """
            ).map { row in
                let rows: Int = try row.decode("rows")
                return LogPartition(
                    log: try row.decode("log"), name: try row.decode("name"), rows: rows < 0 ? nil : rows,
                    bytes: try row.decode("bytes"))
            }
        }
    }

    /// Makes the partitions of the present month and of the next ones, where they are missing.
    package func prepareAhead() async throws {
        _ = try await database.run { session in
            try session.query(
                """
                SELECT ensure_log_months(ARRAY(
                    SELECT (now() AT TIME ZONE 'UTC' + interval '1 month' * ahead)::date
                    FROM generate_series(0, \(Self.monthsAhead)) AS ahead))
                """)
        }
    }

    /// The beginning of the month that lies `months` before the one of `moment`.
    package func month(_ months: Int, before moment: Timestamp = .now) async throws -> Timestamp {
        try await database.run { session in
            Timestamp(
                try session.query(
                    """
                    SELECT (date_trunc('month', \(moment.sql) AT TIME ZONE 'UTC') - \(months) * interval '1 month')
                        AT TIME ZONE 'UTC' AS month
                    """
                ).single().decode("month", as: PostgresTimestamp.self))
        }
    }

    /// Removes events and impressions from before a moment, which is taken back to the beginning of its month in UTC, with their
    /// identifiers: whole partitions are dropped, which takes no time, and rows from before the months are deleted. What is
    /// counted over windows of time is counted anew from what stays, so that servers and trainings go on counting the same; writers wait for that.
    ///
    /// Cut short anywhere, it is done by the next call.
    ///
    /// - Parameter dryRun: only tells what would go; of identifiers nothing.
    package func remove(before moment: Timestamp, dryRun: Bool = false) async throws -> LogRemoval {
        let start = try await month(0, before: moment)
        if dryRun {
            return try await database.run { session in
                var removal = LogRemoval()
                removal.partitions = try Self.partitions(before: start, session)
                for (table, column) in Self.before {
                    removal.rows += try session.query(
                        "SELECT count(*) FROM \(identifier: table) WHERE \(identifier: column) < \(start.sql)",
                        timeout: Database.bulkLimit
                    ).single().decode(0, as: Int.self)
                }
                return removal
            }
        }
        // Identifiers first: cut short behind them, rows that are there without one go the next time. The other way round, a row that came
        // late in between would stay without one.
        var removal = LogRemoval()
        removal.identifiers = try await database.run { session in
            let events = try session.execute(
                "DELETE FROM event_ids WHERE occurred_at < \(start.sql)", timeout: Database.bulkLimit)
            return events
                + (try session.execute(
                    "DELETE FROM impression_ids WHERE shown_at < \(start.sql)", timeout: Database.bulkLimit))
        }
        // By way of the whole log, whose triggers count down what goes.
        for (log, column) in [("impressions", "shown_at"), ("events", "occurred_at")] {
            removal.rows += try await database.run { session in
                try session.execute(
                    """
                    DELETE FROM \(identifier: log) WHERE \(identifier: column) < \(start.sql)
                        AND \(identifier: column) < (SELECT months_from FROM log_state)
                    """, timeout: Database.bulkLimit)
            }
        }
        removal.partitions = try await drop(before: start)
        try await database.transaction { session in try Self.countAnew(session) }
        return removal
    }

    /// Whether anything is older than a moment; quick, also where nothing is.
    package func hasRows(before moment: Timestamp) async throws -> Bool {
        let start = try await month(0, before: moment)
        return try await database.run { session in
            if try !Self.partitions(before: start, session).isEmpty { return true }
            return try session.query(
                """
                SELECT EXISTS (SELECT FROM events_before WHERE occurred_at < \(start.sql))
                    OR EXISTS (SELECT FROM impressions_before WHERE shown_at < \(start.sql))
                    OR (SELECT dropped_until IS DISTINCT FROM uncounted_until FROM log_state)
                """
            ).single().decode(0)
        }
    }

    /// Drops the partitions of months before `start`. Readers and writers wait for the moment that it takes, and it for them no longer than
    /// half a second at a time, since all who come after wait as well.
    private func drop(before start: Timestamp) async throws -> [String] {
        for attempt in 1... {
            do {
                return try await database.transaction { session in
                    let old = try Self.partitions(before: start, session)
                    if old.isEmpty { return [] }
                    try session.script("SET LOCAL lock_timeout = '500ms'")
                    // In the order of those who read and write both.
                    try session.execute("LOCK TABLE impressions, events IN ACCESS EXCLUSIVE MODE")
                    for name in old { try session.execute("DROP TABLE \(identifier: name)") }
                    try session.execute(
                        "UPDATE log_state SET dropped_until = greatest(dropped_until, \(start.sql))")
                    return old
                }
            } catch StorageError.unavailable(let error) where error.isLockTimeout && attempt < Self.attempts {
                try await Task.sleep(for: .milliseconds(200 * attempt))
            }
        }
        return []
    }

    private static let attempts = 20

    /// Counts anew what is counted over windows of time, where months were dropped since.
    private static func countAnew(_ session: PostgresSession) throws {
        try CounterUpkeep.lock(session)
        let isDue: Bool = try session.query("SELECT dropped_until IS DISTINCT FROM uncounted_until FROM log_state")
            .single().decode(0)
        guard isDue else { return }
        _ = try CounterUpkeep.rebuild(until: CounterUpkeep.safeSecond(.now), session)
        try session.execute("UPDATE log_state SET uncounted_until = dropped_until")
    }
}
