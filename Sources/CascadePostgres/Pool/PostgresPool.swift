package import Logging
import Synchronization

/// A bounded set of connections that are lent for the length of a closure.
///
/// Waiters are served in their order, each until its deadline. A connection that breaks, or comes back inside a
/// transaction, is ended and replaced; when the server is away, one attempt at a time goes on with growing pauses and
/// waiters wait for it. The pool never takes a thread of the cooperative pool to wait.
package final class PostgresPool: Sendable {
    /// How many connections there may be and how long to wait for one.
    package struct Options: Equatable, Sendable {
        /// The most connections, each with a thread.
        package var maximumConnections: Int
        /// How long a caller waits for a connection when it names no limit itself.
        package var leaseTimeout: Duration
        /// How long it waits at most once the server has been away for longer than a restart takes; nil: as long as ever.
        package var awayTimeout: Duration?
        /// The most callers that wait.
        package var maximumWaiting: Int

        package init(
            maximumConnections: Int = 8, leaseTimeout: Duration = .seconds(5), awayTimeout: Duration? = nil,
            maximumWaiting: Int = 10_000
        ) {
            self.maximumConnections = max(1, maximumConnections)
            self.leaseTimeout = leaseTimeout
            self.awayTimeout = awayTimeout
            self.maximumWaiting = maximumWaiting
        }
    }

    /// Numbers for metrics, all from one moment; the last three count since the pool was made.
    package struct Status: Equatable, Sendable {
        package var inUse = 0
        package var idle = 0
        package var waiting = 0
        package var connecting = 0
        package var opened = 0
        package var discarded = 0
        package var leaseTimeouts = 0
    }

    typealias Waiter = CheckedContinuation<Result<Lease, PostgresError>, Never>

    /// A connection with the number under which the state knows it.
    struct Lease: Sendable {
        let number: Int
        let connection: PostgresConnection
    }

    struct Shell {
        var state: PoolState
        var connections: [Int: PostgresConnection] = [:]
        var waiters: [Int: Waiter] = [:]
        var serial = 0
        var counters = Status()
        var lastFailure: PostgresError?

        mutating func nextNumber() -> Int {
            serial += 1
            return serial
        }
    }

    /// The server and the login.
    package let configuration: PostgresConfiguration
    let options: Options
    let logger: Logger
    let shell: Mutex<Shell>

    /// Opens no connection yet: the first is opened for the first caller.
    package init(
        _ configuration: PostgresConfiguration, options: Options = Options(),
        logger: Logger = Logger(label: "cascade.postgres")
    ) {
        self.configuration = configuration
        self.options = options
        self.logger = logger
        let limits = PoolState.Limits(connections: options.maximumConnections, waiting: options.maximumWaiting)
        shell = Mutex(Shell(state: PoolState(limits: limits)))
    }

    /// Connections in use, waiters and counters.
    package var status: Status {
        shell.withLock { shell in
            var status = shell.counters
            status.inUse = shell.state.inUse
            status.idle = shell.state.idleCount
            status.waiting = shell.state.waitingCount
            status.connecting = shell.state.connectingCount
            return status
        }
    }

    /// Lends a connection to `body`; throws `.poolTimedOut` when none is free in time, or the error of `body`.
    @discardableResult
    package nonisolated(nonsending) func withConnection<Value>(
        timeout: Duration? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await lease(timeout: timeout ?? options.leaseTimeout)
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// Lends a connection to `body` inside a transaction, and runs it again after a serialization failure.
    ///
    /// With more than one attempt, `body` must have no effect outside the transaction.
    @discardableResult
    package nonisolated(nonsending) func withTransaction<Value>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false, attempts: Int = 1,
        timeout: Duration? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(timeout: timeout) { connection in
            for _ in 1..<max(1, attempts) {
                do {
                    return try await connection.withTransaction(isolation: isolation, readOnly: readOnly, body)
                } catch PostgresError.serializationFailure {
                    continue
                }
            }
            return try await connection.withTransaction(isolation: isolation, readOnly: readOnly, body)
        }
    }

    /// Runs one statement on any connection.
    @discardableResult
    package func query(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> Rows {
        let lease = try await lease(timeout: options.leaseTimeout)
        defer { release(lease) }
        return try await lease.connection.query(sql, timeout: timeout)
    }

    /// Runs one statement on any connection and gives the number of rows that it touched.
    @discardableResult
    package func execute(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> Int {
        try await query(sql, timeout: timeout).affected
    }

    /// Refuses new leases, fails the waiters and ends the connections, those in use when they come back.
    package func close() {
        let (connections, waiters) = shell.withLock { shell in
            let (numbers, waiting) = shell.state.close()
            return (
                numbers.compactMap { shell.connections.removeValue(forKey: $0) },
                waiting.compactMap { shell.waiters.removeValue(forKey: $0) }
            )
        }
        for waiter in waiters { waiter.resume(returning: .failure(.poolClosed)) }
        for connection in connections { Task { await connection.close() } }
    }
}
