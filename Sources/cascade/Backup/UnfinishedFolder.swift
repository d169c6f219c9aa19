import Foundation

/// The folder in which something is made that gets its name when it is whole: `.NAME.unfinished-PROCESS` beside it.
enum UnfinishedFolder {
    /// Makes the folder of this process, readable by its user only.
    static func make(_ target: URL) throws -> URL {
        let folder = target.deletingLastPathComponent().appendingPathComponent("\(prefix(target))\(getpid())")
        do {
            try FileManager.default.createDirectory(
                at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
            try? FileManager.default.removeItem(at: folder)
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupError.unwritable(path: folder.path, reason: error.localizedDescription)
        }
        return folder
    }

    /// Removes what processes left that are no more.
    static func removeAbandoned(_ target: URL) throws {
        let parent = target.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix(target)) {
            guard let process = Int32(name.dropFirst(prefix(target).count)), kill(process, 0) != 0, errno == ESRCH
            else {
                continue
            }
            try? FileManager.default.removeItem(at: parent.appendingPathComponent(name))
        }
    }

    private static func prefix(_ target: URL) -> String { ".\(target.lastPathComponent).unfinished-" }
}
