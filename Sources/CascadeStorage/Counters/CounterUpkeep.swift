import CascadeCore
import CascadePostgres
import Foundation

/// Keeps what is counted at what the releases read; every function runs inside a transaction.
enum CounterUpkeep {
    /// Counts what the active release, the one scored beside it and `former` read, and nothing else. A counter that is new is filled from the log.
    ///
    /// While it is filled, nobody writes impressions or events: the lock waits for writers that have begun and holds up
    /// the next ones, who then count themselves, so a row is counted by its writer or from the log and never by both.
    static func adopt(former: String?, _ session: PostgresSession) throws {
        let wanted = try wanted(former: former, session)
        let present: [String] = try session.query("SELECT definition FROM counter_series").column("definition")
        let missing = wanted.filter { !present.contains($0.definition) }
        let surplus = present.filter { definition in !wanted.contains { $0.definition == definition } }
        if missing.isEmpty, surplus.isEmpty { return }
        try lock(session)
        for table in ["counter_recent", "counter_buckets"] where !surplus.isEmpty {
            try session.execute(
                """
                DELETE FROM \(raw: table) WHERE series_id IN (
                    SELECT series_id FROM counter_series WHERE definition = ANY(\(surplus)))
                """, timeout: Database.bulkLimit)
        }
        if !surplus.isEmpty {
            try session.execute("DELETE FROM counter_series WHERE definition = ANY(\(surplus))")
        }
        if !missing.isEmpty { try fill(missing, until: safeSecond(.now), session) }
    }

    /// Counts everything anew from the log.
    static func rebuild(until second: Int64, _ session: PostgresSession) throws -> Int {
        try lock(session)
        let wanted = try wanted(former: former(session), session)
        try lockLogs(session)
        // Not TRUNCATE, which readers would have to wait for.
        for table in ["counter_recent", "counter_buckets", "counter_series"] {
            try session.execute("DELETE FROM \(raw: table)", timeout: Database.bulkLimit)
        }
        try fill(wanted, until: second, session)
        return wanted.count
    }

    /// The release that was active before the present one; nil for none.
    static func former(_ session: PostgresSession) throws -> String? {
        let active: String? = try session.query("SELECT release_id FROM releases WHERE state = 'active'")
            .optional()?.decode(0)
        return try session.query(
            """
            SELECT release_id FROM release_activations
            WHERE rolled_back_at IS NULL AND release_id IS DISTINCT FROM \(active)
            ORDER BY activation_id DESC LIMIT 1
            """
        ).optional()?.decode(0)
    }

    /// Moves what happened before `second` into buckets; gives the rows moved. Throws `PostgresError.isLockTimeout` where another program is
    /// at it.
    static func fold(until second: Int64, _ session: PostgresSession) throws -> Int {
        try session.execute("LOCK TABLE counter_state IN SHARE ROW EXCLUSIVE MODE NOWAIT")
        let moved: Int64 = try session.query(
            """
            WITH moved AS (
                DELETE FROM counter_recent WHERE second < \(second) RETURNING *
            ), kept AS (
                \(buckets(of: "moved", before: second))
            )
            SELECT count(*) FROM moved
            """, timeout: Database.bulkLimit
        ).single().decode(0)
        try session.execute(
            "UPDATE counter_state SET folded_until = greatest(coalesce(folded_until, \(second)), \(second))")
        try prune(at: second, session)
        return Int(moved)
    }

    /// Removes what is counted under a user's identifier, once the logs hold nothing of the user; under `lock`.
    ///
    /// The triggers have brought it to nothing; this takes away the identifier too. Tokens stand behind their lengths, so what
    /// precedes that of a second part is one whole token, or the key is another user's.
    static func forget(_ user: UserID, _ session: PostgresSession) throws {
        let token = "\(user.rawValue.utf8.count):\(user.rawValue)"
        for table in ["counter_recent", "counter_buckets"] {
            try session.execute(
                """
                DELETE FROM \(raw: table) AS c USING counter_series AS s
                WHERE c.series_id = s.series_id AND s.parts[1] = 'user'
                    AND c.key >= \(token) AND c.key < \(token + "\u{10FFFF}")
                """, timeout: Database.bulkLimit)
            try session.execute(
                """
                DELETE FROM \(raw: table) AS c USING counter_series AS s
                WHERE c.series_id = s.series_id AND s.parts[2] = 'user' AND right(c.key, length(\(token))) = \(token)
                    AND CASE
                        WHEN left(c.key, -length(\(token))) = '-' THEN true
                        WHEN left(c.key, -length(\(token))) ~ '^[0-9]{1,9}:' THEN
                            octet_length(left(c.key, -length(\(token))))
                                = strpos(c.key, ':') + split_part(c.key, ':', 1)::integer
                        ELSE false
                    END
                """, timeout: Database.bulkLimit)
        }
    }

    /// The second before which all that servers read is in the past on every clock.
    static func safeSecond(_ moment: Timestamp) -> Int64 { moment.second - 10 }

    /// Lets nobody fold or count anew until the transaction ends. The lock of a table, because a statement that waits for one takes no
    /// snapshot before it is granted: a transaction of one snapshot that begins with it sees what the former holder did.
    static func lock(_ session: PostgresSession) throws {
        try session.execute(
            "LOCK TABLE counter_state IN SHARE ROW EXCLUSIVE MODE", timeout: Database.bulkLimit)
    }

    /// Holds writers of the logs back until the transaction ends. Who waits for the lock makes all writers wait too, so
    /// a long transaction of somebody else is an error soon, and nothing is changed.
    private static func lockLogs(_ session: PostgresSession) throws {
        try session.script("SET LOCAL lock_timeout = '10s'")
        defer { try? session.script("SET LOCAL lock_timeout = 0") }
        try session.query("SELECT hold_log_writers()", timeout: Database.bulkLimit)
    }

    private static func wanted(former: String?, _ session: PostgresSession) throws -> [CounterSeries] {
        let texts: [String] = try session.query(
            """
            SELECT windows FROM releases
            WHERE windows IS NOT NULL
                AND (state = 'active' OR shadow_share IS NOT NULL OR release_id = \(former))
            ORDER BY state = 'active' DESC
            """
        ).map { row in try row.decode("windows") }
        if texts.isEmpty { return [] }
        let definitions = try texts.map { try WindowedCounters(json: $0) }
        return try CounterSeries.all(definitions, numbers: try SignalRegistry.read(session))
    }

    /// Adds series and counts them from the log: what happened before `second` into buckets.
    private static func fill(_ series: [CounterSeries], until second: Int64, _ session: PostgresSession) throws {
        if series.isEmpty { return }
        try lockLogs(session)
        try session.script("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for one in series { try session.execute(one.insert) }
        let definitions = series.map(\.definition)
        try session.execute(
            """
            INSERT INTO counter_recent
            SELECT series_id, key, second, sum(impressions), sum(first_recorded), sum(first_given),
                sum(second_recorded), sum(second_given)
            FROM (\(facts(of: definitions))) AS fact
            GROUP BY series_id, key, second
            """, timeout: Database.bulkLimit)
        try session.execute(
            """
            WITH moved AS (
                DELETE FROM counter_recent USING counter_series AS s
                WHERE counter_recent.series_id = s.series_id AND s.definition = ANY(\(definitions))
                    AND second < \(second)
                RETURNING counter_recent.*
            )
            \(buckets(of: "moved", before: second))
            """, timeout: Database.bulkLimit)
    }

    /// Every impression and answer of the log under the keys of some series; see the triggers of the migration.
    private static func facts(of definitions: [String]) -> SQL {
        let key: SQL = "counter_key(s.parts, t.user_id, t.item_id, i.creator_id, i.categories, i.attributes)"
        return """
            SELECT s.series_id, \(key) AS key, counter_second(t.shown_at) AS second, 1 AS impressions,
                CASE WHEN t.observed IS NULL OR t.observed >> s.first_signal & 1 = 1 THEN 1 ELSE 0 END AS first_recorded,
                0 AS first_given,
                CASE WHEN s.second_signal IS NOT NULL
                    AND (t.observed IS NULL OR t.observed >> s.second_signal & 1 = 1) THEN 1 ELSE 0 END
                    AS second_recorded,
                0 AS second_given
            FROM impressions AS t CROSS JOIN counter_series AS s LEFT JOIN items AS i ON i.item_id = t.item_id
            WHERE s.definition = ANY(\(definitions))
            UNION ALL
            SELECT s.series_id, \(key), counter_second(t.occurred_at), 0,
                0, CASE WHEN t.signal_id = s.first_signal THEN 1 ELSE 0 END,
                0, CASE WHEN t.signal_id = s.second_signal THEN 1 ELSE 0 END
            FROM events AS t JOIN counter_series AS s ON t.signal_id IN (s.first_signal, s.second_signal)
                LEFT JOIN items AS i ON i.item_id = t.item_id
            WHERE s.definition = ANY(\(definitions))
                AND (t.impression_id IS NOT NULL OR t.recommendation_id IS NOT NULL)
            """
    }

    /// The statement that adds rows of "recent" to buckets; those that have expired at `second` are left out.
    private static func buckets(of table: String, before second: Int64) -> SQL {
        """
        INSERT INTO counter_buckets AS old
        SELECT m.series_id, m.key, w.width, counter_bucket(m.second, w.width), sum(m.impressions),
            sum(m.first_recorded), sum(m.first_given), sum(m.second_recorded), sum(m.second_given)
        FROM \(raw: table) AS m JOIN (\(windows)) AS w USING (series_id)
        WHERE w.width = 0 OR counter_bucket(m.second, w.width) >= counter_bucket(\(second), w.width) - w.span
        GROUP BY 1, 2, 3, 4
        ORDER BY 1, 2, 3, 4
        ON CONFLICT (series_id, key, width, bucket) DO UPDATE SET
            impressions = old.impressions + excluded.impressions,
            first_recorded = old.first_recorded + excluded.first_recorded,
            first_given = old.first_given + excluded.first_given,
            second_recorded = old.second_recorded + excluded.second_recorded,
            second_given = old.second_given + excluded.second_given
        """
    }

    /// The widths of each series with the most buckets that a window of that width has.
    private static let windows: SQL = """
        SELECT series_id, width, max(span) AS span
        FROM counter_series CROSS JOIN LATERAL unnest(widths, spans) AS window_of (width, span)
        GROUP BY series_id, width
        """

    /// Removes expired buckets, at most once an hour: it reads them all.
    private static func prune(at second: Int64, _ session: PostgresSession) throws {
        let due = try session.execute(
            """
            UPDATE counter_state SET pruned_at = \(second)
            WHERE pruned_at IS NULL OR abs(\(second) - pruned_at) >= 3600
            """)
        guard due > 0 else { return }
        try session.execute(
            """
            DELETE FROM counter_buckets AS b USING (\(windows)) AS w
            WHERE b.series_id = w.series_id AND b.width = w.width AND w.width > 0
                AND b.bucket < counter_bucket(\(second), w.width) - w.span
            """, timeout: Database.bulkLimit)
    }
}

extension WindowedCounters {
    /// Reads what a release counts.
    init(json: String) throws(StorageError) {
        do {
            self = try JSONDecoder().decode(WindowedCounters.self, from: Data(json.utf8))
        } catch {
            throw .corruptValue(reason: "what a release counts is not readable (\(error))")
        }
    }

    /// What a release counts, as JSON.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
