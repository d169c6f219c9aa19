package import Logging

/// One connection to Postgres: an actor that runs on a thread of its own, so that waiting for the server never takes a
/// thread of the cooperative pool.
///
/// Cancelling a task, or a statement's time limit, makes the server stop the statement.
package actor PostgresConnection {
    private let executor: ConnectionExecutor
    private let session: PostgresSession
    nonisolated let health: ConnectionHealth
    private nonisolated let signal: WakeSignal

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(configuration: PostgresConfiguration, logger: Logger) throws(PostgresError) {
        session = try PostgresSession(configuration: configuration, logger: logger)
        health = session.health
        signal = session.signal
        executor = ConnectionExecutor(name: "postgres")
    }

    deinit { executor.stop() }

    /// Opens a connection; throws one of the connection cases of `PostgresError`.
    package static func connect(
        _ configuration: PostgresConfiguration, logger: Logger = Logger(label: "cascade.postgres")
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = try PostgresConnection(configuration: configuration, logger: logger)
        try await connection.run { session throws(PostgresError) in try session.open() }
        return connection
    }

    /// Runs a statement and gives its rows. `timeout` replaces the configured limit.
    @discardableResult
    package func query(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> Rows {
        try await run { session throws(PostgresError) in try session.query(sql, timeout: timeout) }
    }

    /// Runs a statement and gives the number of rows that it touched.
    @discardableResult
    package func execute(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> Int {
        try await run { session throws(PostgresError) in try session.execute(sql, timeout: timeout) }
    }

    /// Runs several statements separated by semicolons, as one transaction unless they contain their own; no values.
    package func script(_ text: String, timeout: Duration? = nil) async throws(PostgresError) {
        try await run { session throws(PostgresError) in try session.script(text, timeout: timeout) }
    }

    /// Runs `body` on the connection's thread, where it may wait for the server and compute without a hop a row.
    ///
    /// Cancelling the task stops the statement that runs in it, and every later one fails with `.cancelled`.
    package func withSession<Value: Sendable>(
        _ body: @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let interruption = Interruption(signal)
        return try await withTaskCancellationHandler {
            session.interruption = interruption
            defer { session.interruption = nil }
            return try body(session)
        } onCancel: {
            interruption.raise()
        }
    }

    /// The process of the server that serves this connection.
    package var processID: Int32 { session.processID }

    /// Ends the connection at once.
    package func close() { session.close() }

    private func run<Value: Sendable>(
        _ body: (PostgresSession) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let interruption = Interruption(signal)
        let result: Result<Value, PostgresError> = await withTaskCancellationHandler {
            session.interruption = interruption
            defer { session.interruption = nil }
            do throws(PostgresError) {
                return .success(try body(session))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            interruption.raise()
        }
        return try result.get()
    }
}
