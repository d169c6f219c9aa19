import Foundation
import Synchronization

/// What the pool has to know of a connection without going to its thread.
final class ConnectionHealth: Sendable {
    private let broken = Atomic<Bool>(false)
    private let inTransaction = Atomic<Bool>(false)
    private let socket = Atomic<Int32>(-1)

    func opened(socket: Int32) {
        self.socket.store(socket, ordering: .releasing)
        broken.store(false, ordering: .releasing)
    }

    func markBroken() { broken.store(true, ordering: .releasing) }

    func setInTransaction(_ value: Bool) { inTransaction.store(value, ordering: .releasing) }

    /// Whether the server can still be spoken to, as far as the last statement told.
    var isBroken: Bool { broken.load(ordering: .acquiring) }

    /// Whether the next user finds the connection as new: whole, and in no transaction.
    var isReusable: Bool { !isBroken && !inTransaction.load(ordering: .acquiring) }

    /// Whether the server has said anything since the last statement; to an idle connection that is mostly its end.
    ///
    /// Asks the kernel without waiting. Only for a connection that nobody uses.
    var hasUnreadInput: Bool {
        var entry = pollfd(fd: socket.load(ordering: .acquiring), events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }
}
