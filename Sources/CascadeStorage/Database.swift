import CascadePostgres

/// The pool as the stores use it: work runs on a connection's own thread, and failures become `StorageError`.
struct Database: Sendable {
    let pool: PostgresPool
    /// A copy that some reads may go to.
    var replica: ReplicaReads?

    /// The time limit of statements that read or write a whole data set: the configured one is meant for requests.
    static let bulkLimit: Duration = .seconds(3600)

    /// How often a transaction is run again that another one was in the way of.
    private static let attempts = 5

    /// Lends a connection; `body` runs on its thread, so it may wait for the server and must not keep the session.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Value) async throws -> Value {
        do {
            return try await pool.withConnection { connection in
                try await connection.withSession { session in try body(session) }
            }
        } catch {
            throw Self.storageError(error)
        }
    }

    /// Runs `body` in one transaction: all that it writes is durable when this returns, or nothing of it is kept.
    ///
    /// `body` is run again when the server gave it up for another transaction, so it must have no effect elsewhere.
    func transaction<Value: Sendable>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        for _ in 1..<Self.attempts {
            do {
                return try await run { session in
                    try session.transaction(isolation: isolation, readOnly: readOnly) { try body(session) }
                }
            } catch StorageError.unavailable(.serializationFailure) {
                continue
            }
        }
        return try await run { session in
            try session.transaction(isolation: isolation, readOnly: readOnly) { try body(session) }
        }
    }

    /// What the failure of a call is for callers of this target; a cancelled task gets `CancellationError`.
    static func storageError(_ error: any Error) -> any Error {
        guard let error = error as? PostgresError else { return error }
        if case .cancelled = error { return CancellationError() }
        return StorageError(error)
    }
}
