extension PostgresConnection {
    /// Streams rows into a table and gives their number; either all of them arrive or none.
    ///
    /// `produce` runs on the connection's thread. See `PostgresSession.copyIn`.
    @discardableResult
    package func copyIn(
        table: String, columns: [String], format: CopyFormat = .text, timeout: Duration? = nil,
        _ produce: @Sendable (CopyInWriter) throws -> Void
    ) async throws -> Int {
        try await withSession { session in
            try session.copyIn(table: table, columns: columns, format: format, timeout: timeout, produce)
        }
    }

    /// Streams the rows of a SELECT in binary and folds them into `initial`.
    ///
    /// `each` runs on the connection's thread. See `PostgresSession.copyOut`.
    package func copyOut<Result: Sendable>(
        _ sql: SQL, into initial: Result, timeout: Duration? = nil,
        _ each: @Sendable (inout Result, CopyOutRow) throws -> Void
    ) async throws -> Result {
        try await withSession { session in
            var result = initial
            try session.copyOut(sql, timeout: timeout) { row in try each(&result, row) }
            return result
        }
    }
}
