import CascadePostgres
import Foundation

/// This process' own directory for temporary files, removed when the process ends.
///
/// A process that is killed removes nothing; the next one finds its directory unlocked, stops the database servers in it
/// and removes it.
enum ScratchDirectory {
    /// Makes the directory on the first call.
    static func url() throws -> URL { try claimed.get().url }

    private struct Claim: Sendable {
        let url: URL
        /// Held for as long as the process lives.
        let owner: FileLock?
    }

    private static let claimed = Result { try claim() }

    /// In memory where there is room: making a database writes 300 files, which takes a disk ten times as long.
    private static let root = (hasRoom("/dev/shm") ? "/dev/shm" : "/tmp") + "/cascade-tests-\(geteuid())"

    private static func hasRoom(_ path: String) -> Bool {
        var space = statvfs()
        return statvfs(path, &space) == 0 && UInt64(space.f_bavail) * UInt64(space.f_frsize) > 4 << 30
    }

    private static func claim() throws -> Claim {
        let files = FileManager.default
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
        // Nobody may look at a directory between its making and its locking.
        let sweep = try FileLock.acquire(root + "/sweep.lock", .exclusive)
        defer { withExtendedLifetime(sweep) {} }
        for name in try files.contentsOfDirectory(atPath: root) where name != "sweep.lock" {
            removeIfAbandoned(URL(fileURLWithPath: root).appendingPathComponent(name))
        }
        let url = URL(fileURLWithPath: root).appendingPathComponent("\(getpid())-\(UInt16.random(in: 0 ... .max))")
        try files.createDirectory(at: url, withIntermediateDirectories: true)
        let owner = try FileLock.acquire(url.path + "/owner.lock", .exclusive)
        atexit { ScratchDirectory.remove() }
        return Claim(url: url, owner: owner)
    }

    private static func remove() {
        guard let directory = try? claimed.get().url else { return }
        removeAll(directory)
    }

    private static func removeIfAbandoned(_ directory: URL) {
        guard let lock = try? FileLock.acquire(directory.path + "/owner.lock", .exclusive, wait: false) else { return }
        removeAll(directory)
        withExtendedLifetime(lock) {}
    }

    private static func removeAll(_ directory: URL) {
        stopServers(below: directory)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Ends every Postgres whose data directory is below `directory`, as a crash would.
    private static func stopServers(below directory: URL) {
        let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            // Servers are at most this deep, and their tables need no visit.
            if let files, files.level > 6 { files.skipDescendants() }
            guard file.lastPathComponent == "postmaster.pid", let text = try? String(contentsOf: file, encoding: .utf8),
                let process = text.split(whereSeparator: \.isNewline).first.flatMap({ Int32($0) })
            else { continue }
            let home = file.deletingLastPathComponent().resolvingSymlinksInPath().path
            for attempt in 0..<500 {
                // The number may belong to another program by now.
                let works = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
                if works != home { break }
                if attempt == 0 { kill(process, SIGQUIT) }
                usleep(10_000)
            }
        }
    }
}
