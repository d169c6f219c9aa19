import Foundation

/// Where the files of a private cluster are.
///
/// In `<data directory>/postgres` where the server's user can get there. Otherwise, as for root's home, in a directory of
/// its own, which a file in the data directory remembers. The socket moves to a short directory when its path would be
/// longer than the 107 bytes that the system allows.
struct ClusterLocation: Equatable, Sendable {
    /// Holds everything below, and belongs to the user of this process.
    let home: String
    let socketDirectory: String

    var data: String { home + "/data" }
    var configuration: String { home + "/cascade.conf" }
    var log: String { home + "/postgres.log" }
    /// Held exclusively while the server is started or stopped.
    var startLock: String { home + "/start.lock" }
    /// Held shared by every process that uses the server.
    var holdersLock: String { home + "/holders.lock" }
    /// Exists while the server is to run on without holders.
    var keepMarker: String { home + "/keep" }
    var versionFile: String { data + "/PG_VERSION" }

    private static let longestSocketPath = 107

    /// The file in the data directory that says where the cluster is.
    static func rememberFile(_ dataDirectory: String) -> String { dataDirectory + "/postgres.location" }

    /// Finds the cluster of a data directory, or chooses its place; makes the directories.
    static func resolve(
        dataDirectory: URL, account: ServerAccount, elsewhere: String
    ) throws(PostgresError) -> ClusterLocation {
        let path = dataDirectory.standardizedFileURL.path
        try SafeDirectory.make(path, owner: geteuid(), group: getegid(), mode: 0o755, keepMode: true)
        guard
            let root = realpath(path, nil).map({ pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            })
        else { throw .system(call: "resolving \(path)", code: errno) }
        let home = try chooseHome(root, account, elsewhere)
        let key = String(Checksum.sha256(Data(home.utf8)).prefix(12))
        let inHome = home + "/socket"
        let name = "/.s.PGSQL.\(LocalCluster.port)"
        let fits = (inHome + name).utf8.count <= longestSocketPath && isPlain(inHome)
        return ClusterLocation(home: home, socketDirectory: fits ? inHome : "/tmp/cascade-\(geteuid())-\(key)")
    }

    private static func chooseHome(
        _ root: String, _ account: ServerAccount, _ elsewhere: String
    ) throws(PostgresError) -> String {
        let remember = rememberFile(root)
        if let text = try? String(contentsOfFile: remember, encoding: .utf8) {
            let home = text.trimmingCharacters(in: .whitespacesAndNewlines)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: home, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw .cluster(.locationLost(path: home, rememberedIn: remember))
            }
            return home
        }
        // The server's user has to pass through, but not to look around.
        let mode: mode_t = account.isOther ? 0o711 : 0o700
        if account.canEnter(root), isPlain(root) {
            let home = root + "/postgres"
            try SafeDirectory.make(home, owner: geteuid(), group: getegid(), mode: mode)
            return home
        }
        let key = String(Checksum.sha256(Data(root.utf8)).prefix(12))
        let home = "\(elsewhere)/cascade-\(geteuid())-\(key)"
        try SafeDirectory.make(home, owner: geteuid(), group: getegid(), mode: mode)
        do {
            try (home + "\n").write(toFile: remember, atomically: true, encoding: .utf8)
        } catch {
            throw .cluster(.unusableDirectory(path: root, reason: error.localizedDescription))
        }
        return home
    }

    /// Whether a path passes through pg_ctl's shell and the configuration file unharmed.
    private static func isPlain(_ path: String) -> Bool {
        path.utf8.allSatisfy { byte in
            byte >= 128 || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/_-+.@~".utf8.contains(byte)
        }
    }
}
