import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Files that are on the disk when a call returns.
enum DurableFiles {
    /// Puts a file that never changes at a second place: as a second name of the same file where `linking` and the file
    /// system allow it, else as a copy.
    static func place(_ source: URL, at target: URL, linking: Bool) throws {
        if linking, link(source.path, target.path) == 0 { return }
        try FileManager.default.copyItem(at: source, to: target)
        try flush(target)
    }

    /// Writes the file or directory out.
    static func flush(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(url) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw failure(url) }
    }

    /// Gives a directory whose content is written out its final name, which must not be taken.
    static func rename(_ directory: URL, to target: URL) throws {
        try flush(directory)
        if Glibc.rename(directory.path, target.path) != 0 { throw failure(target) }
        try flush(target.deletingLastPathComponent())
    }

    private static func failure(_ url: URL) -> BackupError {
        .unwritable(path: url.path, reason: String(cString: strerror(errno)))
    }
}
