/// The bookkeeping of a connection pool, without connections, clocks or threads: events go in, actions come out.
///
/// Connections and waiters are numbers that the shell around it hands out. Waiters are served in their order.
struct PoolState {
    struct Limits: Equatable, Sendable {
        /// Connections that exist or are being opened.
        var connections: Int
        /// Tasks that may wait; one more is refused.
        var waiting: Int
    }

    enum LeaseAction: Equatable {
        /// The idle connection is leased.
        case use(Int)
        /// The waiter stands in line; open one more connection when `connect`.
        case wait(connect: Bool)
        case refuse(PostgresError)
    }

    enum ConnectionAction: Equatable {
        /// The connection is leased to the waiter.
        case grant(waiter: Int)
        /// The connection stays, idle.
        case park
        /// End the connection; open one more when `connect`.
        case close(connect: Bool)
    }

    enum FailureAction: Equatable {
        /// Nothing waits for a connection, or others are on their way.
        case none
        /// Call `retryDue` after this time.
        case retry(after: Duration)
        /// Waiting longer does not help: tell them the error.
        case fail([Int])
    }

    private let limits: Limits
    private var idle: [Int] = []
    private var leased: Set<Int> = []
    private var connecting = 0
    private var failures = 0
    private var retryScheduled = false
    private var line = WaitingLine()
    private(set) var isClosed = false

    init(limits: Limits) { self.limits = limits }

    var inUse: Int { leased.count }
    var idleCount: Int { idle.count }
    var waitingCount: Int { line.count }
    var connectingCount: Int { connecting }
    /// Whether attempts to connect have failed for longer than a restart of the server takes: more than a second.
    var isAway: Bool { failures >= 5 }
    private var total: Int { idle.count + leased.count + connecting }

    /// A task wants a connection.
    mutating func lease(_ waiter: Int) -> LeaseAction {
        if isClosed { return .refuse(.poolClosed) }
        // The connection used last is the one whose server process has its caches warm.
        if let connection = idle.popLast() {
            leased.insert(connection)
            return .use(connection)
        }
        if line.count >= limits.waiting { return .refuse(.poolExhausted(waiting: line.count)) }
        line.append(waiter)
        return .wait(connect: startConnecting())
    }

    /// A waiter gives up; false when it was served or failed before.
    mutating func abandon(_ waiter: Int) -> Bool { line.remove(waiter) }

    /// A new connection is open.
    mutating func connected(_ connection: Int) -> ConnectionAction {
        connecting -= 1
        failures = 0
        if isClosed { return .close(connect: false) }
        return handOver(connection)
    }

    /// Whether waiters justify opening one more connection; to be asked after `connected`.
    mutating func startConnecting() -> Bool {
        // While the server refuses, one attempt at a time is enough to learn that it is back.
        guard !isClosed, !retryScheduled, total < limits.connections, connecting < line.count else { return false }
        if failures > 0, connecting > 0 { return false }
        connecting += 1
        return true
    }

    /// A connection could not be opened. `isLasting` tells that trying again cannot help.
    mutating func connectFailed(isLasting: Bool) -> FailureAction {
        connecting -= 1
        failures += 1
        if line.isEmpty { return .none }
        if isLasting { return connecting > 0 ? .none : .fail(line.removeAll()) }
        if connecting > 0 || retryScheduled { return .none }
        retryScheduled = true
        return .retry(after: Self.backoff(failures))
    }

    /// The time of a retry has come; true to open a connection.
    mutating func retryDue() -> Bool {
        retryScheduled = false
        return startConnecting()
    }

    /// A leased connection comes back.
    mutating func release(_ connection: Int, isReusable: Bool) -> ConnectionAction {
        leased.remove(connection)
        if isClosed { return .close(connect: false) }
        if !isReusable { return .close(connect: startConnecting()) }
        return handOver(connection)
    }

    /// Nothing is leased from here on; gives the connections to end and the waiters to fail.
    mutating func close() -> (connections: [Int], waiters: [Int]) {
        isClosed = true
        defer { idle.removeAll() }
        return (idle, line.removeAll())
    }

    private mutating func handOver(_ connection: Int) -> ConnectionAction {
        guard let waiter = line.popFirst() else {
            idle.append(connection)
            return .park
        }
        leased.insert(connection)
        return .grant(waiter: waiter)
    }

    /// 50 ms, 100 ms, … up to a second.
    private static func backoff(_ failures: Int) -> Duration {
        .milliseconds(min(1000, 50 << min(failures - 1, 5)))
    }
}

/// Numbers in the order of their coming, from which any can leave.
private struct WaitingLine {
    private var order: [Int] = []
    private var head = 0
    private var present: Set<Int> = []

    var count: Int { present.count }
    var isEmpty: Bool { present.isEmpty }

    mutating func append(_ waiter: Int) {
        order.append(waiter)
        present.insert(waiter)
    }

    mutating func remove(_ waiter: Int) -> Bool {
        let was = present.remove(waiter) != nil
        compact()
        return was
    }

    mutating func popFirst() -> Int? {
        defer { compact() }
        while head < order.count {
            let waiter = order[head]
            head += 1
            if present.remove(waiter) != nil { return waiter }
        }
        return nil
    }

    mutating func removeAll() -> [Int] {
        defer { self = WaitingLine() }
        return order[head...].filter(present.contains)
    }

    /// Drops the entries of those who left, once they are the larger part.
    private mutating func compact() {
        guard order.count > 64, order.count > present.count * 2 else { return }
        order = order[head...].filter(present.contains)
        head = 0
    }
}
