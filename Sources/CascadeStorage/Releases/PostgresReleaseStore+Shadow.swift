package import CascadeCore
import CascadePostgres

extension PostgresReleaseStore {
    package func shadowRelease() async throws -> Release? {
        try await database.run { session in
            var shadow = try session.query(
                "SELECT \(raw: Release.columns) FROM releases WHERE shadow_share IS NOT NULL"
            ).optional().map { row in try Release(row) }
            if shadow != nil { shadow?.headFactors = try HeadFactors.inForce(session) }
            return shadow
        }
    }

    /// Has servers score a release beside the active one, instead of the one that they score so now; what it counts over windows
    /// of time, and is not counted yet, is counted from the log in the same transaction.
    ///
    /// Throws `.unknownRelease`, `.releaseNotBuilt`, `.releaseNotServable` for one that failed, was removed or is active, and `.invalidValue` for a
    /// share of the requests that is not above 0 and at most 1.
    package func shadow(_ id: String, share: Double) async throws {
        guard share > 0, share <= 1 else {
            throw StorageError.invalidValue(reason: "a share of \(share) is not above 0 and at most 1")
        }
        try await database.transaction { session in
            try Self.lock(session)
            let release = try Self.builtRelease(id, session)
            guard [.ready, .retired].contains(release.state) else { throw StorageError.releaseNotServable(id: id) }
            try Self.endShadow(session)
            try session.execute("UPDATE releases SET shadow_share = \(share) WHERE release_id = \(id)")
            try CounterUpkeep.adopt(former: CounterUpkeep.former(session), session)
            try session.query("SELECT pg_notify(\(Self.channel), \(id))")
        }
    }

    /// Ends that a release is scored beside the active one; gives the identifier of that release, or nil where there is none.
    package func endShadow() async throws -> String? {
        try await database.transaction { session in
            try Self.lock(session)
            guard let former = try Self.endShadow(session) else { return nil }
            try CounterUpkeep.adopt(former: CounterUpkeep.former(session), session)
            try session.query("SELECT pg_notify(\(Self.channel), \(former))")
            return former
        }
    }

    @discardableResult
    private static func endShadow(_ session: PostgresSession) throws -> String? {
        try session.query(
            "UPDATE releases SET shadow_share = NULL WHERE shadow_share IS NOT NULL RETURNING release_id"
        ).optional()?.decode("release_id")
    }
}
