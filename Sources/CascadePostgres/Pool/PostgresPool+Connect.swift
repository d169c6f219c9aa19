import Logging
import Synchronization

extension PostgresPool {
    /// Opens a connection that the state has counted already, and hands it to the first in line.
    func openConnection() {
        Task {
            do throws(PostgresError) {
                connected(try await PostgresConnection.connect(configuration, logger: logger))
            } catch {
                connectFailed(error)
            }
        }
    }

    private func connected(_ connection: PostgresConnection) {
        let (number, waiter, connect, close) = shell.withLock { shell -> (Int, Waiter?, Bool, Bool) in
            let number = shell.nextNumber()
            shell.counters.opened += 1
            shell.lastFailure = nil
            switch shell.state.connected(number) {
            case .grant(let waiter):
                shell.connections[number] = connection
                return (number, shell.waiters.removeValue(forKey: waiter), shell.state.startConnecting(), false)
            case .park:
                shell.connections[number] = connection
                return (number, nil, false, false)
            case .close: return (number, nil, false, true)
            }
        }
        waiter?.resume(returning: .success(Lease(number: number, connection: connection)))
        if close { Task { await connection.close() } }
        if connect { openConnection() }
    }

    private func connectFailed(_ error: PostgresError) {
        let (waiters, retry) = shell.withLock { shell -> ([Waiter], Duration?) in
            shell.lastFailure = error
            switch shell.state.connectFailed(isLasting: !error.isTransient) {
            case .none: return ([], nil)
            case .retry(let delay): return ([], delay)
            case .fail(let numbers): return (numbers.compactMap { shell.waiters.removeValue(forKey: $0) }, nil)
            }
        }
        logger.debug("connecting to postgres failed", metadata: ["error": "\(error)"])
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
        guard let retry else { return }
        Task {
            try? await Task.sleep(for: retry)
            if shell.withLock({ $0.state.retryDue() }) { openConnection() }
        }
    }
}
