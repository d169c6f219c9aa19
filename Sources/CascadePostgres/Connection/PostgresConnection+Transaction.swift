extension PostgresConnection {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or its task is cancelled.
    ///
    /// `body` must send its statements through the connection that it is given, and nobody else may meanwhile.
    @discardableResult
    package nonisolated(nonsending) func withTransaction<Value>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withSession { session in try session.begin(isolation, readOnly: readOnly) }
        do {
            let value = try await body(self)
            try await withSession { session in try session.commit() }
            return value
        } catch {
            await rollback()
            throw error
        }
    }

    private func rollback() async {
        // The session's rollback takes no notice of the cancelled task.
        try? await withSession { session in session.rollback() }
    }
}
