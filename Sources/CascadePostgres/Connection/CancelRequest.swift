import CPostgres
import Foundation
import Synchronization

/// Asks the server to stop the running statement.
///
/// The request goes over a connection of its own and blocks until the server closes that, so it has a thread of its
/// own: a server that hangs must not hold up the connection's thread.
final class CancelRequest: @unchecked Sendable {  // why: the handle is used by the one thread that `send` starts
    private let handle: OpaquePointer
    private let signal: WakeSignal
    private let done = Atomic<Bool>(false)

    /// Nil when the connection is already closed.
    init?(_ connection: OpaquePointer, signal: WakeSignal) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
        self.signal = signal
    }

    deinit { PQfreeCancel(handle) }

    /// Whether the server has taken the request, so that it cannot hit a later statement any more.
    var isDone: Bool { done.load(ordering: .acquiring) }

    func send() {
        Thread.detachNewThread { [self] in
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(handle, &message, Int32(message.count))
            done.store(true, ordering: .releasing)
            signal.wake()
        }
    }
}
