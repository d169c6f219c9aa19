import Foundation

/// Directories in places where others can write too.
enum SafeDirectory {
    /// Makes a directory and those above it; one that exists must be a real directory of the wanted owner.
    ///
    /// Someone else could have put a directory or a link of that name there to get hold of what goes into it.
    static func make(
        _ path: String, owner: uid_t, group: gid_t, mode: mode_t, keepMode: Bool = false
    ) throws(PostgresError) {
        let parent = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw .cluster(.unusableDirectory(path: path, reason: error.localizedDescription))
        }
        let isNew = mkdir(path, 0o700) == 0
        if !isNew, errno != EEXIST {
            throw .cluster(.unusableDirectory(path: path, reason: String(cString: strerror(errno))))
        }
        if !isNew, keepMode { return }
        var entry = stat()
        guard lstat(path, &entry) == 0, entry.st_mode & S_IFMT == S_IFDIR else {
            throw .cluster(.unusableDirectory(path: path, reason: "it is no directory"))
        }
        if entry.st_uid != owner, !(isNew || entry.st_uid == geteuid()) {
            throw .cluster(.unusableDirectory(path: path, reason: "it belongs to user \(entry.st_uid)"))
        }
        if entry.st_uid != owner, chown(path, owner, group) != 0 {
            throw .cluster(.unusableDirectory(path: path, reason: String(cString: strerror(errno))))
        }
        if chmod(path, mode) != 0 {
            throw .cluster(.unusableDirectory(path: path, reason: String(cString: strerror(errno))))
        }
    }
}
