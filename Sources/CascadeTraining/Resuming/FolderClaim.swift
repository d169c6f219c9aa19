import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// That a folder is worked in, for as long as this value lives; the system ends it when the process is killed.
final class FolderClaim: Sendable {
    private let descriptor: Int32

    /// Claims a folder; nil where another process has it or it cannot be opened.
    init?(_ folder: URL) {
        let descriptor = open(folder.appendingPathComponent(".claim").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
