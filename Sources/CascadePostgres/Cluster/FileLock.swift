import Foundation

/// A lock on a file, held for as long as this value lives; the system lets go of it when the process is killed.
package final class FileLock: Sendable {
    /// Who else may have the lock: other sharers, or nobody.
    package enum Mode: Sendable {
        case shared, exclusive
    }

    private let descriptor: Int32

    /// Waits for the lock; nil when `wait` is false and somebody else has it. Makes the file if missing.
    package static func acquire(_ path: String, _ mode: Mode, wait: Bool = true) throws(PostgresError) -> FileLock? {
        // Programs started from here must not keep the lock.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw .system(call: "opening \(path)", code: errno) }
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB)
        while flock(descriptor, operation) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .system(call: "locking \(path)", code: code)
        }
        return FileLock(descriptor)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
