package import CascadeCore
import CascadePostgres

extension PostgresReleaseStore: ReleaseTrainingStore {
    /// Announces a training; throws `.alreadyRegistered` where a release or another training has its name.
    package func begin(_ training: ReleaseTraining) async throws {
        try await database.run { session in
            do {
                try session.execute(
                    """
                    INSERT INTO releases (release_id, state, created_at, path, config, metrics, heard_at, job_id)
                    VALUES (\(training.id), 'training', \(training.beganAt.sql), \(training.id),
                        \(json: training.configJSON), '{}', clock_timestamp(), \(training.jobID))
                    """)
            } catch PostgresError.constraintViolation(.unique, _) {
                throw StorageError.alreadyRegistered(id: training.id)
            }
        }
    }

    package func pulse(of id: String) async throws {
        _ = try await database.run { session in
            try session.execute(
                "UPDATE releases SET heard_at = clock_timestamp() WHERE release_id = \(id) AND state = 'training'")
        }
    }

    package func fail(_ id: String, reason: String) async throws {
        _ = try await database.run { session in
            try session.execute(
                """
                UPDATE releases SET state = 'failed', failure = \(reason), heard_at = clock_timestamp()
                WHERE release_id = \(id) AND state = 'training'
                """)
        }
    }

    package func trainings() async throws -> [ReleaseTraining] {
        try await database.run { session in try ReleaseTraining.all(session) }
    }
}

extension ReleaseTraining {
    /// All that are known, newest first; one that is silent counts as failed.
    static func all(_ session: PostgresSession) throws -> [ReleaseTraining] {
        try session.query(
            """
            SELECT release_id, state, created_at, heard_at, config, job_id, failure,
                state = 'training' AND heard_at < clock_timestamp() - make_interval(secs => \(silence)) AS is_silent
            FROM releases WHERE state IN ('training', 'failed') AND NOT (\(Release.built))
            ORDER BY created_at DESC, release_id DESC
            """
        ).map { row in try ReleaseTraining(row) }
    }

    /// Reads a row of that query.
    private init(_ row: Row) throws {
        let heard = Timestamp(try row.decode("heard_at", as: PostgresTimestamp.self))
        let isSilent: Bool = try row.decode("is_silent")
        let state: String = try row.decode("state")
        self.init(
            id: try row.decode("release_id"),
            state: isSilent || state == "failed" ? .failed : .training,
            beganAt: Timestamp(try row.decode("created_at", as: PostgresTimestamp.self)), heardAt: heard,
            configJSON: try row.decode("config"), jobID: try row.decode("job_id"),
            failure: isSilent
                ? "it has not been heard of since \(heard.rfc3339): its process is gone or cannot reach the database"
                : try row.decode("failure"))
    }
}
