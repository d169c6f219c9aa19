import Foundation
import Synchronization

/// Where an export goes: a file that gets its name when it is whole, or standard output.
final class ExportFile: Sendable {
    /// What stands for standard output.
    static let standardOutput = "-"

    private let target: URL?
    private let unfinished: URL?
    private let handle: FileHandle
    private let buffer = Mutex(Data())

    /// Throws `BackupError.unwritable` where no file can be made there.
    init(_ path: String) throws {
        if path == Self.standardOutput {
            (target, unfinished, handle) = (nil, nil, .standardOutput)
            return
        }
        let url = URL(fileURLWithPath: path)
        let name = ".\(url.lastPathComponent).unfinished-\(getpid())"
        let temporary = url.deletingLastPathComponent().appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            // What somebody exports may be about people.
            guard
                FileManager.default.createFile(
                    atPath: temporary.path, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw BackupError.unwritable(path: path, reason: String(cString: strerror(errno))) }
            handle = try FileHandle(forWritingTo: temporary)
        } catch let error as BackupError {
            throw error
        } catch {
            throw BackupError.unwritable(path: path, reason: error.localizedDescription)
        }
        (target, unfinished) = (url, temporary)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try append { $0.append(contentsOf: bytes) } }

    func write(_ text: String) throws { try append { $0.append(contentsOf: text.utf8) } }

    private func append(_ more: (inout Data) -> Void) throws {
        try buffer.withLock { buffer in
            more(&buffer)
            if buffer.count >= 1 << 20 { try flush(&buffer) }
        }
    }

    /// Gives the file its name; what was there under it is replaced.
    func finish() throws {
        try buffer.withLock { try flush(&$0) }
        guard let target, let unfinished else { return }
        try handle.synchronize()
        try handle.close()
        guard rename(unfinished.path, target.path) == 0 else {
            throw BackupError.unwritable(path: target.path, reason: String(cString: strerror(errno)))
        }
    }

    /// Leaves nothing behind.
    func abandon() {
        guard let unfinished else { return }
        try? handle.close()
        try? FileManager.default.removeItem(at: unfinished)
    }

    private func flush(_ buffer: inout Data) throws {
        if buffer.isEmpty { return }
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
