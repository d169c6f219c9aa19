package import CascadeCore
import CascadePostgres

/// Jobs in Postgres; rows that one worker looks at are passed over by the others. Every call throws `StorageError`.
package struct PostgresJobStore: JobStore {
    let database: Database

    package func add(_ kind: JobKind, params: [String: String], maxAttempts: Int) async throws -> Job {
        try await database.transaction { session in
            let job = try Self.insert(kind, params: params, maxAttempts: maxAttempts, scheduleID: nil, session)
            guard let job else { throw StorageError.corruptValue(reason: "the job was not written") }
            return job
        }
    }

    package func jobs(state: JobState?, after: JobPlace?, limit: Int) async throws -> [Job] {
        try await database.run { session in
            let chosen: SQL = state.map { "AND state = \($0.rawValue)" } ?? ""
            let behind: SQL = after.map { "AND (created_at, job_id) < (\($0.createdAt.sql), \($0.id))" } ?? ""
            return try session.query(
                """
                SELECT \(raw: Job.columns) FROM jobs WHERE true \(chosen) \(behind)
                ORDER BY created_at DESC, job_id DESC LIMIT \(limit)
                """
            ).map { row in try Job(row) }
        }
    }

    package func job(_ id: String) async throws -> Job? {
        try await database.run { session in try Self.job(id, session) }
    }

    package func log(of id: String, after: Int64, limit: Int) async throws -> [JobLogLine] {
        try await database.run { session in
            try session.query(
                """
                SELECT line_id, attempt, at, line FROM job_log WHERE job_id = \(id) AND line_id > \(after)
                ORDER BY line_id LIMIT \(limit)
                """
            ).map { row in
                JobLogLine(
                    number: try row.decode("line_id"), attempt: Int(try row.decode("attempt", as: Int32.self)),
                    at: Timestamp(try row.decode("at", as: PostgresTimestamp.self)), text: try row.decode("line"))
            }
        }
    }

    package func claim(_ worker: String, kinds: [JobKind], lease: Double) async throws -> Job? {
        try await database.transaction { session in
            try Self.giveUp(session)
            return try session.query(
                """
                UPDATE jobs SET state = 'running', worker = \(worker), attempts = attempts + 1,
                    started_at = clock_timestamp(), progress = NULL, error = NULL,
                    lease_until = clock_timestamp() + make_interval(secs => \(lease))
                WHERE job_id = (
                    SELECT job_id FROM jobs
                    WHERE kind = ANY(\(kinds.map(\.rawValue))) AND NOT cancel_requested AND attempts < max_attempts
                        AND (state = 'queued' AND due_at <= clock_timestamp()
                            OR state = 'running' AND lease_until < clock_timestamp())
                    ORDER BY due_at, created_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING \(raw: Job.columns)
                """
            ).optional().map { row in try Job(row) }
        }
    }

    /// Ends what its worker left and nobody may begin again: given up, or begun as often as it may be.
    private static func giveUp(_ session: PostgresSession) throws {
        try session.execute(
            """
            UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
                finished_at = clock_timestamp(), lease_until = NULL,
                error = CASE WHEN cancel_requested THEN NULL
                    ELSE 'the worker ' || worker || ' was not heard of any more' END
            WHERE job_id IN (
                SELECT job_id FROM jobs
                WHERE state = 'running' AND lease_until < clock_timestamp()
                    AND (cancel_requested OR attempts >= max_attempts)
                FOR UPDATE SKIP LOCKED)
            """)
    }

    package func renew(_ job: Job, lease: Double, progress: String?, lines: [String]) async throws -> JobLease {
        try await database.transaction { session in
            let row = try session.query(
                """
                UPDATE jobs SET lease_until = clock_timestamp() + make_interval(secs => \(lease)),
                    progress = coalesce(\(progress), progress)
                WHERE \(Self.held(job)) RETURNING cancel_requested
                """
            ).optional()
            guard let row else { return .lost }
            try Self.append(lines, to: job, session)
            return try row.decode("cancel_requested") ? .cancelled : .held
        }
    }

    package func finish(_ job: Job, _ outcome: JobOutcome, lines: [String]) async throws -> Bool {
        try await database.transaction { session in
            let change: SQL =
                switch outcome {
                case .succeeded: "state = 'succeeded', finished_at = clock_timestamp(), progress = NULL"
                case .cancelled: "state = 'cancelled', finished_at = clock_timestamp(), progress = NULL"
                case .returned:
                    """
                    state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END, attempts = attempts - 1,
                    finished_at = CASE WHEN cancel_requested THEN clock_timestamp() END, progress = NULL
                    """
                case .failed(let reason, nil):
                    "state = 'failed', finished_at = clock_timestamp(), error = \(reason)"
                case .failed(let reason, let delay?):
                    """
                    state = CASE WHEN cancel_requested THEN 'cancelled' WHEN attempts < max_attempts THEN 'queued'
                        ELSE 'failed' END,
                    finished_at = CASE WHEN attempts < max_attempts AND NOT cancel_requested THEN NULL
                        ELSE clock_timestamp() END,
                    due_at = clock_timestamp() + make_interval(secs => \(delay)), error = \(reason)
                    """
                }
            let changed = try session.execute("UPDATE jobs SET lease_until = NULL, \(change) WHERE \(Self.held(job))")
            guard changed > 0 else { return false }
            try Self.append(lines, to: job, session)
            return true
        }
    }

    package func cancel(_ id: String) async throws -> Job? {
        try await database.transaction { session in
            let changed = try session.execute(
                """
                UPDATE jobs SET cancel_requested = true,
                    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
                    finished_at = CASE state WHEN 'queued' THEN clock_timestamp() END
                WHERE job_id = \(id) AND state IN ('queued', 'running')
                """)
            return changed > 0 ? try Self.job(id, session) : nil
        }
    }

    package func retry(_ id: String) async throws -> Job? {
        try await database.transaction { session in
            let changed = try session.execute(
                """
                UPDATE jobs SET state = 'queued', finished_at = NULL, due_at = clock_timestamp(), attempts = 0,
                    cancel_requested = false, error = NULL, progress = NULL
                WHERE job_id = \(id) AND state IN ('failed', 'cancelled')
                """)
            return changed > 0 ? try Self.job(id, session) : nil
        }
    }

    /// The rows of a job that the worker of this attempt still holds.
    private static func held(_ job: Job) -> SQL {
        "job_id = \(job.id) AND state = 'running' AND worker = \(job.worker) AND attempts = \(Int32(job.attempts))"
    }

    private static func append(_ lines: [String], to job: Job, _ session: PostgresSession) throws {
        if lines.isEmpty { return }
        try session.execute(
            """
            INSERT INTO job_log (job_id, attempt, line)
            SELECT \(job.id), \(Int32(job.attempts)), line FROM unnest(\(lines)) WITH ORDINALITY AS said (line, place)
            ORDER BY place
            """)
    }

    private static func job(_ id: String, _ session: PostgresSession) throws -> Job? {
        try session.query("SELECT \(raw: Job.columns) FROM jobs WHERE job_id = \(id)").optional()
            .map { row in try Job(row) }
    }

    /// Nil where the schedule has one queued or running already.
    static func insert(
        _ kind: JobKind, params: [String: String], maxAttempts: Int, scheduleID: String?, _ session: PostgresSession
    ) throws -> Job? {
        var random = SystemRandomNumberGenerator()
        let id = "job_" + String(random.next(), radix: 36)
        return try session.query(
            """
            INSERT INTO jobs (job_id, kind, params, max_attempts, schedule_id)
            VALUES (\(id), \(kind.rawValue), \(json: JobParameters.json(params)), \(Int32(maxAttempts)), \(scheduleID))
            ON CONFLICT (schedule_id) WHERE schedule_id IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
            RETURNING \(raw: Job.columns)
            """
        ).optional().map { row in try Job(row) }
    }
}
