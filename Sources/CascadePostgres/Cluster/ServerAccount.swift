package import Foundation

/// The user that the private server runs as: this process's own, or `postgres` when that is root.
package struct ServerAccount: Equatable {
    package let user: uid_t
    package let group: gid_t
    /// What to put in front of a command to run it as this user.
    package let prefix: [String]

    package static func current(name: String = "postgres") throws(PostgresError) -> ServerAccount {
        if geteuid() != 0 { return ServerAccount(user: geteuid(), group: getegid(), prefix: []) }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw .cluster(.userMissing(name: name))
        }
        return ServerAccount(
            user: entry.pw_uid, group: entry.pw_gid,
            prefix: ["setpriv", "--reuid=\(name)", "--regid=\(name)", "--clear-groups", "--"])
    }

    /// Whether this process must hand files over to the server's user.
    var isOther: Bool { user != geteuid() }

    /// Whether the server's user may enter a directory that exists, judged by its mode and those above it.
    func canEnter(_ path: String) -> Bool {
        var directory = path
        while true {
            var entry = stat()
            guard stat(directory, &entry) == 0 else { return false }
            let shift: mode_t = entry.st_uid == user ? 6 : entry.st_gid == group ? 3 : 0
            if (entry.st_mode >> shift) & 1 == 0 { return false }
            if directory == "/" { return true }
            directory = (directory as NSString).deletingLastPathComponent
        }
    }
}
