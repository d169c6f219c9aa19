import CascadePostgres

/// The one place that decides what is read where.
///
/// What decides about a user (the past, seen and hidden items), what follows a write and what servers follow is read from the
/// primary, by `run` and `transaction`.
extension Database {
    /// `run` for a read that may be a moment old: at the replica where one keeps up.
    ///
    /// `body` is run again at the primary when the replica fails, so it must have no effect elsewhere.
    func read<Value: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Value) async throws -> Value {
        guard let replica, await replica.keepsUp() else { return try await run(body) }
        do {
            return try await Database(pool: replica.pool).run(body)
        } catch let error as StorageError where replica.mayBeRead(after: error) {
            return try await run(body)
        }
    }

    /// The same for what trainings read, in one snapshot: a user that was erased before is not in it.
    func readAll<Value: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Value) async throws -> Value {
        let readHere = { @Sendable () async throws -> Value in
            try await transaction(isolation: .repeatableRead, readOnly: true, body)
        }
        guard let replica, await replica.keepsUp() else { return try await readHere() }
        let erased = try await run(PostgresUserEraser.latestErasure)
        do {
            let found = try await Database(pool: replica.pool).run { session in
                try session.transaction(isolation: .repeatableRead, readOnly: true) { () throws -> Value? in
                    // A row of the erased is in no snapshot that knows of the erasure.
                    try PostgresUserEraser.latestErasure(session) == erased ? try body(session) : nil
                }
            }
            if let found { return found }
        } catch let error as StorageError where replica.mayBeRead(after: error) {}
        return try await readHere()
    }
}
