package import CascadeCore
import CascadePostgres

extension PostgresJobStore {
    /// Rows that events and impressions have taken in since the statistics of the database began; about, since they come late
    /// and count what was taken back.
    static let taken: SQL = """
        (SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables
            WHERE relid IN (SELECT inhrelid FROM pg_inherits
                WHERE inhparent IN ('events'::regclass, 'impressions'::regclass)))
        """

    package func setSchedule(
        _ id: String, _ kind: JobKind, params: [String: String], everySeconds: Int64?, afterEvents: Int64?,
        maxAttempts: Int
    ) async throws {
        _ = try await database.transaction { session in
            try session.execute(
                """
                INSERT INTO job_schedules (schedule_id, kind, params, every_seconds, after_events, max_attempts,
                    counted_events)
                VALUES (\(id), \(kind.rawValue), \(json: JobParameters.json(params)), \(everySeconds), \(afterEvents),
                    \(Int32(maxAttempts)), \(Self.taken))
                ON CONFLICT (schedule_id) DO UPDATE SET kind = excluded.kind, params = excluded.params,
                    every_seconds = excluded.every_seconds, after_events = excluded.after_events,
                    max_attempts = excluded.max_attempts, counted_from = now(), counted_events = excluded.counted_events
                """)
        }
    }

    package func removeSchedule(_ id: String) async throws -> Bool {
        try await database.run { session in
            try session.execute("DELETE FROM job_schedules WHERE schedule_id = \(id)") > 0
        }
    }

    package func schedules() async throws -> [JobSchedule] {
        try await database.run { session in
            try session.query("SELECT \(raw: JobSchedule.columns) FROM job_schedules ORDER BY schedule_id")
                .map { row in try JobSchedule(row) }
        }
    }

    package func enqueueDue() async throws -> [Job] {
        try await database.transaction { session in
            // After a crash the statistics begin anew, below what was counted.
            let due = try session.query(
                """
                SELECT \(raw: JobSchedule.columns), max_attempts FROM job_schedules, (SELECT \(Self.taken) AS taken) AS logs
                WHERE (counted_from + make_interval(secs => every_seconds::double precision) <= now()
                    OR taken - CASE WHEN taken < counted_events THEN 0 ELSE counted_events END >= after_events)
                    AND NOT EXISTS (
                        SELECT FROM jobs WHERE jobs.schedule_id = job_schedules.schedule_id
                            AND state IN ('queued', 'running'))
                ORDER BY schedule_id FOR UPDATE OF job_schedules SKIP LOCKED
                """
            ).map { row in (try JobSchedule(row), Int(try row.decode("max_attempts", as: Int32.self))) }
            return try due.compactMap { schedule, attempts in
                try session.execute(
                    """
                    UPDATE job_schedules SET counted_from = now(), counted_events = \(Self.taken)
                    WHERE schedule_id = \(schedule.id)
                    """)
                return try Self.insert(
                    schedule.kind, params: schedule.params, maxAttempts: attempts, scheduleID: schedule.id, session)
            }
        }
    }
}
