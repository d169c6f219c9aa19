package import CascadeCore
import CascadePostgres

/// How jobs, schedules and workers stand.
package struct JobFacts: Sendable, Equatable {
    /// A job that a worker holds.
    package struct Lease: Sendable, Equatable {
        package var job: String
        package var kind: String
        package var worker: String
        package var until: Timestamp
        /// Whether it has run out: nobody was heard of since.
        package var hasLapsed: Bool
    }

    /// When a schedule queues its next job.
    package struct Due: Sendable, Equatable {
        package var schedule: String
        package var kind: String
        /// By time; nil where it goes by rows alone.
        package var at: Timestamp?
        /// Rows until then, about, 0 when it is due; nil where it goes by time alone.
        package var afterRows: Int?
        /// Whether its last job has not ended.
        package var isWaiting: Bool
        /// Seconds since it was due by time while nothing of it was queued; nil where it is not.
        package var overdueSeconds: Double?
    }

    /// Jobs by state.
    package var states: [String: Int] = [:]
    /// When the job that waits longest could have been begun.
    package var oldestDueAt: Timestamp?
    package var leases: [Lease] = []
    /// The jobs that failed within a day, newest first.
    package var failed: [String] = []
    package var schedules: [Due] = []

    package init() {}
}

extension PostgresJobStore {
    package func facts() async throws -> JobFacts {
        try await database.run { session in
            var facts = JobFacts()
            for row in try session.query("SELECT state, count(*) AS jobs FROM jobs GROUP BY state") {
                facts.states[try row.decode("state")] = try row.decode("jobs", as: Int.self)
            }
            facts.oldestDueAt = try session.query(
                "SELECT min(due_at) FROM jobs WHERE state = 'queued' AND due_at <= clock_timestamp()"
            ).single().decode(0, as: PostgresTimestamp?.self).map(Timestamp.init)
            facts.leases = try session.query(
                """
                SELECT job_id, kind, coalesce(worker, '') AS worker, lease_until,
                    lease_until < clock_timestamp() AS lapsed
                FROM jobs WHERE state = 'running' ORDER BY lease_until
                """
            ).map { row in
                JobFacts.Lease(
                    job: try row.decode("job_id"), kind: try row.decode("kind"), worker: try row.decode("worker"),
                    until: Timestamp(try row.decode("lease_until", as: PostgresTimestamp.self)),
                    hasLapsed: try row.decode("lapsed"))
            }
            facts.failed = try session.query(
                """
                SELECT job_id FROM jobs WHERE state = 'failed' AND finished_at > clock_timestamp() - interval '1 day'
                ORDER BY finished_at DESC
                """
            ).column("job_id")
            facts.schedules = try Self.due(session)
            return facts
        }
    }

    private static func due(_ session: PostgresSession) throws -> [JobFacts.Due] {
        try session.query(
            """
            SELECT schedule_id, kind, due_at, waiting,
                CASE WHEN after_events IS NOT NULL THEN greatest(0, after_events - greatest(0, taken
                    - CASE WHEN taken < counted_events THEN 0 ELSE counted_events END)) END AS rows_left,
                CASE WHEN NOT waiting AND due_at < clock_timestamp()
                    THEN extract(epoch FROM clock_timestamp() - due_at)::float8 END AS overdue
            FROM (
                SELECT *, counted_from + make_interval(secs => every_seconds::double precision) AS due_at,
                    EXISTS (SELECT FROM jobs WHERE jobs.schedule_id = job_schedules.schedule_id
                        AND state IN ('queued', 'running')) AS waiting
                FROM job_schedules, (SELECT \(taken) AS taken) AS logs
            ) AS schedules
            ORDER BY schedule_id
            """
        ).map { row in
            JobFacts.Due(
                schedule: try row.decode("schedule_id"), kind: try row.decode("kind"),
                at: try row.decode("due_at", as: PostgresTimestamp?.self).map(Timestamp.init),
                afterRows: try row.decode("rows_left"), isWaiting: try row.decode("waiting"),
                overdueSeconds: try row.decode("overdue"))
        }
    }
}
