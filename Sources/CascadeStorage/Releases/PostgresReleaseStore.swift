package import CascadeCore
import CascadePostgres
import Logging

/// Model versions and releases in Postgres; which one is active changes in one transaction.
///
/// Every call throws `StorageError`.
package struct PostgresReleaseStore: ReleaseStore {
    /// The channel on which it is announced that what servers serve has changed.
    package static let channel = "cascade_releases"

    let database: Database
    /// Where a session of one's own is to be had.
    let listening: PostgresConfiguration
    let logger: Logger

    /// Registers a release and those of its models that are not known yet, in one transaction; a training that was announced under its
    /// name becomes the release, even where it had been given up.
    ///
    /// The given state is ignored: a new release is `ready`. Throws `.alreadyRegistered` when the release, or a model
    /// with another checksum, is there under the same identifier.
    package func register(_ release: Release, models: [ModelVersion], report: String?) async throws {
        try await database.transaction { session in
            for model in models {
                if try session.execute(model.insert) == 0 { throw StorageError.alreadyRegistered(id: model.id) }
            }
            if try session.execute(release.insert) == 0 { throw StorageError.alreadyRegistered(id: release.id) }
            guard let report else { return }
            try session.execute("UPDATE releases SET report = \(json: report) WHERE release_id = \(release.id)")
        }
    }

    package func releases() async throws -> [Release] {
        try await database.run { session in
            try session.query(
                """
                SELECT \(raw: Release.columns) FROM releases WHERE \(Release.built)
                ORDER BY created_at DESC, release_id DESC
                """
            ).map { row in try Release(row) }
        }
    }

    package func release(_ id: String) async throws -> Release? {
        try await database.run { session in try Self.release(id, session) }
    }

    package func report(of id: String) async throws -> String? {
        try await database.run { session in
            try session.query("SELECT report FROM releases WHERE release_id = \(id)").optional()?
                .decode("report", as: String?.self)
        }
    }

    /// The release; throws `.unknownRelease` or, where there is but its training, `.releaseNotBuilt`.
    package func builtRelease(_ id: String) async throws -> Release {
        try await database.run { session in try Self.builtRelease(id, session) }
    }

    package func activeRelease() async throws -> Release? {
        try await database.run { session in
            var active = try session.query("SELECT \(raw: Release.columns) FROM releases WHERE state = 'active'")
                .optional().map { row in try Release(row) }
            active?.headFactors = try HeadFactors.inForce(session)
            return active
        }
    }

    package func modelVersion(_ id: String) async throws -> ModelVersion? {
        try await database.run { session in
            try session.query("SELECT \(raw: ModelVersion.columns) FROM model_versions WHERE model_id = \(id)")
                .optional().map { row in try ModelVersion(row) }
        }
    }

    /// When the training ended whose weights a model goes back to, over all trainings that went on from others; nil for a model that
    /// is not known.
    package func coldStart(of modelID: String) async throws -> Timestamp? {
        try await database.run { session in
            try session.query(
                """
                WITH RECURSIVE chain AS (
                    SELECT model_id, warm_from, created_at FROM model_versions WHERE model_id = \(modelID)
                    UNION SELECT m.model_id, m.warm_from, m.created_at
                    FROM model_versions AS m JOIN chain ON m.model_id = chain.warm_from
                )
                SELECT min(created_at) AS began FROM chain
                """
            ).single().decode("began", as: PostgresTimestamp?.self).map(Timestamp.init)
        }
    }

    /// Makes a release the active one and tells all servers; does nothing when it is active already. What the release
    /// counts over windows of time, and is not counted yet, is counted from the log in the same transaction.
    ///
    /// Throws `.unknownRelease`, `.releaseNotBuilt`, and `.releaseNotServable` for one that failed or was removed.
    package func activate(_ id: String) async throws {
        try await database.transaction { session in
            try Self.lock(session)
            let release = try Self.builtRelease(id, session)
            if release.state == .active { return }
            if [.failed, .removed].contains(release.state) { throw StorageError.releaseNotServable(id: id) }
            let former: String? = try session.query("SELECT release_id FROM releases WHERE state = 'active'")
                .optional()?.decode("release_id")
            try Self.makeActive(id, session)
            try session.execute("INSERT INTO release_activations (release_id) VALUES (\(id))")
            try CounterUpkeep.adopt(former: former, session)
        }
    }

    /// Activates the release that was active before the present one and could still be served.
    ///
    /// Called several times it walks further back; nil, and no change, where there is nothing before.
    package func rollback() async throws -> Release? {
        try await database.transaction { session in
            try Self.lock(session)
            let standing = try session.query(
                """
                SELECT activation_id, release_id, state FROM release_activations JOIN releases USING (release_id)
                WHERE rolled_back_at IS NULL ORDER BY activation_id DESC
                """)
            guard let present = try standing.first?.decode("release_id", as: String.self) else { return nil }
            let former = try standing.first { row in
                try row.decode("release_id") != present
                    && ![ReleaseState.failed, .removed].map(\.rawValue).contains(row.decode("state"))
            }
            guard let former else { return nil }
            try session.execute(
                """
                UPDATE release_activations SET rolled_back_at = now()
                WHERE rolled_back_at IS NULL AND activation_id > \(try former.decode("activation_id", as: Int64.self))
                """)
            let id: String = try former.decode("release_id")
            try Self.makeActive(id, session)
            try CounterUpkeep.adopt(former: present, session)
            return try Self.release(id, session)
        }
    }

    /// Sets how many candidates a search of the release's index keeps, and tells all servers; nil: what it was built with.
    ///
    /// Throws `.unknownRelease`, and `.refusedValue` for less than 1 or more than 100,000.
    package func setSearchEffort(_ effort: Int?, of id: String) async throws {
        try await database.transaction { session in
            let changed = try session.execute(
                "UPDATE releases SET ef_search = \(effort) WHERE release_id = \(id) AND \(Release.built)")
            guard changed > 0 else { throw StorageError.unknownRelease(id: id) }
            try session.query("SELECT pg_notify(\(Self.channel), \(id))")
        }
    }

    /// Yields when the stream starts, when a change is announced, after every gap in listening, and, should an
    /// announcement get lost, at the latest five seconds after the active release, the one scored beside it or the factors of heads
    /// have changed.
    ///
    /// Several changes may be one element; the stream ends when its consumer does.
    package func activations() -> AsyncStream<Void> {
        ReleaseWatch.stream(self, pollEvery: .seconds(5))
    }

    /// Lets one activation run at a time; held until the transaction ends.
    static func lock(_ session: PostgresSession) throws(PostgresError) {
        try session.query("SELECT pg_advisory_xact_lock(hashtextextended('cascade activation', 0))")
    }

    static func release(_ id: String, _ session: PostgresSession) throws -> Release? {
        try session.query(
            "SELECT \(raw: Release.columns) FROM releases WHERE release_id = \(id) AND \(Release.built)"
        ).optional().map { row in try Release(row) }
    }

    static func builtRelease(_ id: String, _ session: PostgresSession) throws -> Release {
        if let release = try release(id, session) { return release }
        guard let training = try ReleaseTraining.all(session).first(where: { $0.id == id }) else {
            throw StorageError.unknownRelease(id: id)
        }
        throw StorageError.releaseNotBuilt(id: id, failure: training.failure)
    }

    private static func makeActive(_ id: String, _ session: PostgresSession) throws(PostgresError) {
        try session.execute("UPDATE releases SET state = 'retired' WHERE state = 'active'")
        // Not now(), which is when the transaction began: it may have waited for another activation.
        try session.execute(
            """
            UPDATE releases SET state = 'active', activated_at = clock_timestamp(), shadow_share = NULL
            WHERE release_id = \(id)
            """)
        try session.query("SELECT pg_notify(\(channel), \(id))")
    }
}
