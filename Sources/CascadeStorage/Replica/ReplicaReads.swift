package import CascadePostgres
package import Logging
import Synchronization

/// A copy of the database that follows it, for reads that may be a moment old, and whether it keeps up.
///
/// It is asked at most once in `checkEvery`, and after a failure once in five seconds; between, what it was found to be holds.
package final class ReplicaReads: Sendable {
    /// Its connections.
    package let pool: PostgresPool
    private let maximumLag: Duration
    private let checkEvery: Duration
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var keepsUp = false
        var isAsked = false
        /// Whether nothing was found yet.
        var isNew = true
        var nextCheck: ContinuousClock.Instant = .now
    }

    /// How long it may take to say how far it is.
    private static let patience: Duration = .milliseconds(250)
    private static let pauseAfterFailure: Duration = .seconds(5)

    /// - Parameter maximumLag: how old what it has may be.
    package init(
        pool: PostgresPool, maximumLag: Duration, checkEvery: Duration = .seconds(1),
        logger: Logger = Logger(label: "cascade.storage")
    ) {
        self.pool = pool
        self.maximumLag = maximumLag
        self.checkEvery = checkEvery
        self.logger = logger
    }

    /// Whether a read may go there now; at once, but for the one caller that asks.
    func keepsUp() async -> Bool {
        let (known, isDue) = state.withLock { state in
            let isDue = !state.isAsked && state.nextCheck <= .now
            if isDue { state.isAsked = true }
            return (state.keepsUp, isDue)
        }
        guard isDue else { return known }
        do {
            settle(try await objection(), checkEvery)
        } catch {
            settle("\(error)", Task.isCancelled ? .zero : Self.pauseAfterFailure)
        }
        return state.withLock { $0.keepsUp }
    }

    /// Whether a read that failed there may succeed at the primary.
    func mayBeRead(after error: StorageError) -> Bool {
        switch error {
        // What the read needed was removed at the primary.
        case .unavailable(.serializationFailure): return true
        // A migration that has not arrived.
        case .schemaNotMigrated: return true
        case .unavailable(.timedOut):
            settle("\(error)", Self.pauseAfterFailure)
            return false
        case .unavailable:
            settle("\(error)", Self.pauseAfterFailure)
            return true
        default: return false
        }
    }

    /// Why it is not to be read; nil for no reason.
    ///
    /// What it has is of now where all that arrived is there and more is awaited (after a restart it receives anew what it has),
    /// else of the last commit that is there.
    private func objection() async throws -> String? {
        let row = try await pool.withConnection(timeout: Self.patience) { connection in
            try await connection.query(
                """
                SELECT pg_is_in_recovery() AS follows,
                    CASE WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn()
                            AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
                        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000
                    END::double precision AS lag
                """, timeout: Self.patience
            ).single()
        }
        guard try row.decode("follows", as: Bool.self) else {
            return "it follows no other server; correct database.replica_url"
        }
        guard let lag = try row.decode("lag", as: Double?.self) else { return "nothing has arrived there yet" }
        if lag <= maximumLag / .milliseconds(1) { return nil }
        return "it lags \(Int(lag)) ms behind, more than database.replica_lag_ms"
    }

    private func settle(_ objection: String?, _ pause: Duration) {
        let isNews = state.withLock { state in
            let isNews = state.isNew || state.keepsUp != (objection == nil)
            state = State(keepsUp: objection == nil, isNew: false, nextCheck: .now.advanced(by: pause))
            return isNews
        }
        guard isNews else { return }
        if let objection {
            logger.warning("the replica is not read", metadata: ["reason": "\(objection)"])
        } else {
            logger.info("reads that may be a moment old go to the replica")
        }
    }
}
