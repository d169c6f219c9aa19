package import CascadeCore
import CascadePostgres

extension PostgresReleaseStore {
    /// Gives up the releases that nothing needs: neither active, nor among the `keeping` that were active before and that a
    /// rollback goes back to, nor scored beside the active one, and made before a moment. Gives them; they can never be activated again, and their artifacts may be
    /// deleted. Trainings of that age that came to nothing are forgotten too.
    ///
    /// - Parameters:
    ///   - needed: releases that something outside of the database names.
    ///   - dryRun: only tells which they would be.
    package func removeUnneeded(
        keeping: Int, madeBefore: Timestamp, needed: [String] = [], dryRun: Bool
    ) async throws -> [Release] {
        try await database.transaction { session in
            // No activation between the look and the change.
            try Self.lock(session)
            let chosen: SQL = """
                SELECT release_id FROM releases
                WHERE state IN ('ready', 'retired', 'failed') AND \(Release.built) AND shadow_share IS NULL
                    AND created_at < \(madeBefore.sql)
                    AND release_id <> ALL(\(needed))
                    AND release_id NOT IN (
                        SELECT release_id FROM release_activations JOIN releases USING (release_id)
                        WHERE rolled_back_at IS NULL AND state = 'retired'
                        GROUP BY release_id ORDER BY max(activation_id) DESC LIMIT \(keeping))
                """
            let releases = try session.query(
                "SELECT \(raw: Release.columns) FROM releases WHERE release_id IN (\(chosen)) ORDER BY created_at, release_id"
            ).map { row in try Release(row) }
            if !dryRun {
                try session.execute(
                    "UPDATE releases SET state = 'removed' WHERE release_id = ANY(\(releases.map(\.id)))")
                // Trainings that came to nothing have no artifacts.
                try session.execute(
                    """
                    UPDATE releases SET state = 'removed'
                    WHERE state IN ('training', 'failed') AND NOT (\(Release.built)) AND created_at < \(madeBefore.sql)
                        AND heard_at < clock_timestamp() - make_interval(secs => \(ReleaseTraining.silence))
                    """)
            }
            return releases
        }
    }
}
