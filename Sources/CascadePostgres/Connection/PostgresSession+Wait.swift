import CPostgres
import Foundation

extension PostgresSession {
    /// One statement, COPY or connection attempt, from the first byte sent to the last received.
    struct Operation {
        /// For messages.
        let statement: String
        let deadline: ContinuousClock.Instant?
        /// The time from the start to the deadline, for messages.
        let limit: Duration
        /// Whether cancelling the task ends it; a ROLLBACK must go through.
        let interruptible: Bool
        /// Why it is being stopped.
        var cause: PostgresError?
        var cancel: CancelRequest?
        /// When to give up on a server that does not even stop.
        var patience: ContinuousClock.Instant?
        /// When to ask the server again to stop.
        var reminder: ContinuousClock.Instant?

        /// The next moment at which something is due.
        var nextMoment: ContinuousClock.Instant? {
            guard let patience else { return deadline }
            // A request that is still under way wakes the thread when it is through.
            guard let reminder, cancel?.isDone == true else { return patience }
            return min(patience, reminder)
        }
    }

    /// A request that overtakes its statement on the way finds the server idle and is lost, so it is repeated.
    private static let reminderInterval: Duration = .milliseconds(100)

    /// Waits until the server has sent something, or takes something when `forWriting`; then reads what there is.
    ///
    /// Starts stopping the statement on cancellation or at its deadline; throws when the connection is gone.
    func wait(forWriting: Bool = false) throws(PostgresError) {
        guard let connection else { throw lost("it is closed") }
        let events = try pollSocket(PQsocket(connection), forWriting: forWriting)
        if events & Int16(POLLIN | POLLERR | POLLHUP) != 0, PQconsumeInput(connection) == 0 { throw lost() }
        if let cause = stopIfDue() { throw cause }
    }

    /// Waits for a socket that belongs to a connection in the making.
    func waitWhileConnecting(_ socket: Int32, forWriting: Bool) throws(PostgresError) {
        _ = try pollSocket(socket, forWriting: forWriting, forReading: !forWriting)
        if interruption?.isRaised == true { throw .cancelled(statement: nil) }
        if let deadline = operation.deadline, deadline <= .now {
            throw .connectTimedOut(server: server, after: operation.limit)
        }
    }

    /// The events of the socket, after at most the time until the next deadline.
    func pollSocket(
        _ socket: Int32, forWriting: Bool, forReading: Bool = true
    ) throws(PostgresError) -> Int16 {
        let events = Int16((forReading ? POLLIN : 0) | (forWriting ? POLLOUT : 0))
        pollEntries[0] = pollfd(fd: socket, events: events, revents: 0)
        pollEntries[1] = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(pollEntries, 2, millisecondsLeft())
        if count < 0 {
            if errno == EINTR { return 0 }
            health.markBroken()
            throw .system(call: "poll", code: errno)
        }
        if pollEntries[1].revents != 0 { signal.drain() }
        return pollEntries[0].revents
    }

    private func millisecondsLeft() -> Int32 {
        if operation.cause == nil, operation.interruptible, interruption?.isRaised == true { return 0 }
        guard let end = operation.nextMoment else { return -1 }
        let left = ContinuousClock.now.duration(to: end)
        // Rounded up, so that the loop does not spin through the last millisecond.
        return Int32(
            clamping: max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1))
    }

    /// Asks the server to stop when the time is over or nobody waits; gives the cause once patience is over too.
    private func stopIfDue() -> PostgresError? {
        if let patience = operation.patience {
            if patience <= .now {
                health.markBroken()
                return operation.cause
            }
            remind()
            return nil
        }
        if operation.interruptible, interruption?.isRaised == true {
            stop(.cancelled(statement: operation.statement))
        } else if let deadline = operation.deadline, deadline <= .now {
            stop(.timedOut(statement: operation.statement, after: operation.limit))
        }
        return nil
    }

    /// Asks the server to stop the running statement, which then ends with an error.
    func stop(_ cause: PostgresError?) {
        guard let connection, operation.patience == nil else { return }
        operation.cause = cause
        operation.patience = .now.advanced(by: configuration.cancelPatience)
        sendCancel(connection)
    }

    /// Asks again once the last request is through and had its time to work.
    private func remind() {
        guard let connection, let cancel = operation.cancel, cancel.isDone, let reminder = operation.reminder,
            reminder <= .now
        else { return }
        sendCancel(connection)
    }

    private func sendCancel(_ connection: OpaquePointer) {
        operation.reminder = .now.advanced(by: Self.reminderInterval)
        operation.cancel = CancelRequest(connection, signal: signal)
        operation.cancel?.send()
    }

    /// Waits until a cancel request is through, so that it cannot hit the next statement.
    func settleCancel() {
        guard let cancel = operation.cancel, !health.isBroken else { return }
        while !cancel.isDone {
            if let patience = operation.patience, patience <= .now {
                health.markBroken()
                return
            }
            pollEntries[0] = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(pollEntries, 1, millisecondsLeft())
            signal.drain()
        }
    }

    /// Sends all that libpq still holds.
    func flush() throws(PostgresError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1: try wait(forWriting: true)
            default: throw lost()
            }
        }
    }

    /// Marks the connection as broken and describes it with libpq's last words.
    func lost(_ reason: String? = nil) -> PostgresError {
        health.markBroken()
        let message = reason ?? String(cString: PQerrorMessage(connection))
        let lines = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return .connectionLost(message: lines, statement: operation.statement.isEmpty ? nil : operation.statement)
    }
}

extension PostgresSession {
    /// Waits until the server says something by itself; false when it did not within `limit`.
    func waitForNotice(atMost limit: Duration) throws(PostgresError) -> Bool {
        guard let connection else { throw lost("it is closed") }
        operation = Operation(statement: "", deadline: nil, limit: limit, interruptible: false)
        // Only the time to wake up: nothing is running that would have to be stopped.
        operation.patience = .now.advanced(by: limit)
        let events = try pollSocket(PQsocket(connection), forWriting: false)
        if events == 0 { return interruption?.isRaised == true || (operation.patience ?? .now) > .now }
        if PQconsumeInput(connection) == 0 { throw lost() }
        return true
    }
}
