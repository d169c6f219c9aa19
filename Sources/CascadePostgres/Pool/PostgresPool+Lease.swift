import Synchronization

extension PostgresPool {
    /// Takes an idle connection, or waits for one.
    func lease(timeout: Duration) async throws(PostgresError) -> Lease {
        if Task.isCancelled { throw .cancelled(statement: nil) }
        let (number, isAway) = shell.withLock { ($0.nextNumber(), $0.state.isAway) }
        let timeout = isAway ? min(timeout, options.awayTimeout ?? timeout) : timeout
        let timer = Timer()
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                if enqueue(waiter, number: number) { timer.start(after: timeout) { self.expire(number, timeout) } }
            }
        } onCancel: {
            abandon(number, .cancelled(statement: nil))
        }
        return try result.get()
    }

    /// Gives the waiter a connection at once, or puts it in line and gives true.
    private func enqueue(_ waiter: Waiter, number: Int) -> Bool {
        while true {
            let (outcome, connect) = shell.withLock { shell -> (Result<Lease, PostgresError>?, Bool) in
                // Whoever cancels takes the lock too, so it finds the waiter in line or was seen here.
                if Task.isCancelled { return (.failure(.cancelled(statement: nil)), false) }
                switch shell.state.lease(number) {
                case .use(let idle):
                    guard let connection = shell.connections[idle] else {
                        return (.failure(.misuse("the pool lost connection \(idle); restart the program")), false)
                    }
                    return (.success(Lease(number: idle, connection: connection)), false)
                case .wait(let connect):
                    shell.waiters[number] = waiter
                    return (nil, connect)
                case .refuse(let error): return (.failure(error), false)
                }
            }
            if connect { openConnection() }
            guard let outcome else { return true }
            if case .success(let lease) = outcome, lease.connection.health.hasUnreadInput {
                // An idle server has nothing to say but its end.
                lease.connection.health.markBroken()
                release(lease)
                continue
            }
            waiter.resume(returning: outcome)
            return false
        }
    }

    /// Takes a connection back, for the next in line or for later.
    func release(_ lease: Lease) {
        let isReusable = lease.connection.health.isReusable
        let (waiter, connect, close) = shell.withLock { shell -> (Waiter?, Bool, Bool) in
            switch shell.state.release(lease.number, isReusable: isReusable) {
            case .grant(let waiter): return (shell.waiters.removeValue(forKey: waiter), false, false)
            case .park: return (nil, false, false)
            case .close(let connect):
                shell.connections[lease.number] = nil
                shell.counters.discarded += 1
                return (nil, connect, true)
            }
        }
        waiter?.resume(returning: .success(lease))
        if close { Task { await lease.connection.close() } }
        if connect { openConnection() }
    }

    private func expire(_ number: Int, _ timeout: Duration) {
        let failure = shell.withLock { shell in
            if shell.waiters[number] != nil { shell.counters.leaseTimeouts += 1 }
            return shell.lastFailure.map { "\($0)" }
        }
        abandon(number, .poolTimedOut(after: timeout, lastFailure: failure))
    }

    private func abandon(_ number: Int, _ error: PostgresError) {
        let waiter = shell.withLock { shell in
            shell.state.abandon(number) ? shell.waiters.removeValue(forKey: number) : nil
        }
        waiter?.resume(returning: .failure(error))
    }
}

/// One timer that may or may not be started.
private final class Timer: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    func start(after delay: Duration, _ action: @escaping @Sendable () -> Void) {
        let sleeper = Task {
            do { try await Task.sleep(for: delay) } catch { return }
            action()
        }
        task.withLock { $0 = sleeper }
    }

    func cancel() { task.withLock { $0?.cancel() } }
}
