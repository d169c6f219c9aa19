import CPostgres
import Foundation

/// Makes, starts and stops the server of one location. Blocks; callers hold the start lock.
struct ClusterServer {
    let location: ClusterLocation
    let account: ServerAccount
    let settings: ClusterSettings

    enum StopMode: String {
        /// Ends sessions and writes everything out.
        case fast
        /// As after a crash; for data that is thrown away.
        case immediate
    }

    /// The server's process when it runs.
    ///
    /// After a restart of the machine or of a container the number in the file may be another program's, so the process
    /// must also work in the data directory.
    var processID: Int32? {
        guard let process = recordedProcess, kill(process, 0) == 0 else { return nil }
        guard let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd") else {
            // Without /proc the number has to do.
            return FileManager.default.fileExists(atPath: "/proc/self") ? nil : process
        }
        return directory == (location.data as NSString).resolvingSymlinksInPath ? process : nil
    }

    private var recordedProcess: Int32? {
        let text = try? String(contentsOfFile: location.data + "/postmaster.pid", encoding: .utf8)
        return text?.split(whereSeparator: \.isNewline).first.flatMap { Int32($0) }
    }

    /// Whether the server answers, which one started in another container does without a process that we see.
    private var answers: Bool {
        let address = "host='\(location.socketDirectory)' port=\(LocalCluster.port) dbname=postgres connect_timeout=2"
        return PQping(address) == PQPING_OK
    }

    /// Makes the cluster unless there is one. A half-made one of a killed process is thrown away.
    func initializeIfMissing() throws(PostgresError) {
        if FileManager.default.fileExists(atPath: location.versionFile) { return }
        let unfinished = location.data + ".new"
        try? FileManager.default.removeItem(atPath: unfinished)
        try SafeDirectory.make(unfinished, owner: account.user, group: account.group, mode: 0o700)
        let binaries = try ServerBinaries.find(version: nil)
        var command =
            account.prefix + [
                binaries.path("initdb"), "--pgdata=\(unfinished)", "--username=\(LocalCluster.user)", "--no-locale",
                "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject",
            ]
        if !settings.isDurable { command.append("--no-sync") }
        try ToolRunner.check(command, directory: location.home, tool: "initdb")
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: unfinished + "/postgresql.conf"))
            try file.seekToEnd()
            try file.write(contentsOf: Data("\ninclude '../cascade.conf'\n".utf8))
            try file.close()
        } catch {
            throw .cluster(.unusableDirectory(path: unfinished, reason: error.localizedDescription))
        }
        // The rename makes it whole at once.
        if rename(unfinished, location.data) != 0 {
            throw .system(call: "renaming \(unfinished)", code: errno)
        }
    }

    /// Starts the server unless it runs, and waits until it answers.
    func start() throws(PostgresError) {
        if answers { return }
        if processID == nil {
            let binaries = try findBinaries()
            try prepareFiles()
            // The server clears away a stale file by itself, except when another program of the same user has its number.
            if let process = recordedProcess, kill(process, 0) == 0 { unlink(location.data + "/postmaster.pid") }
            let command =
                account.prefix + [
                    binaries.path("pg_ctl"), "start", "--pgdata=\(location.data)", "--log=\(location.log)", "--no-wait",
                    "--silent",
                ]
            try ToolRunner.check(command, directory: location.home, tool: "pg_ctl start")
        }
        try waitUntilAnswering()
    }

    /// Stops the server if it runs.
    func stop(_ mode: StopMode) throws(PostgresError) {
        if processID == nil { return }
        let command =
            account.prefix + [
                try findBinaries().path("pg_ctl"), "stop", "--pgdata=\(location.data)", "--mode=\(mode.rawValue)",
                "--wait", "--timeout=60", "--silent",
            ]
        try ToolRunner.check(command, directory: location.home, tool: "pg_ctl stop")
        // Empty by now; the next start makes it again.
        rmdir(location.socketDirectory)
    }

    private func findBinaries() throws(PostgresError) -> ServerBinaries {
        let version = try? String(contentsOfFile: location.versionFile, encoding: .utf8)
        return try ServerBinaries.find(version: version?.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func prepareFiles() throws(PostgresError) {
        try SafeDirectory.make(location.socketDirectory, owner: account.user, group: account.group, mode: 0o700)
        do {
            try settings.file(socketDirectory: location.socketDirectory)
                .write(toFile: location.configuration, atomically: true, encoding: .utf8)
        } catch {
            throw .cluster(.unusableDirectory(path: location.home, reason: error.localizedDescription))
        }
        chmod(location.configuration, 0o644)
        let size = (try? FileManager.default.attributesOfItem(atPath: location.log)[.size] as? Int) ?? 0
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (size > 16 << 20 ? O_TRUNC : 0)
        let log = open(location.log, flags, 0o600)
        if log < 0 { throw .system(call: "opening \(location.log)", code: errno) }
        fchown(log, account.user, account.group)
        close(log)
    }

    /// Polls, since a server that recovers from a crash takes its time; gives up early when it has ended.
    private func waitUntilAnswering() throws(PostgresError) {
        let deadline = ContinuousClock.now.advanced(by: .seconds(120))
        let appears = ContinuousClock.now.advanced(by: .seconds(5))
        while true {
            if answers { return }
            if processID == nil, appears <= .now {
                throw .cluster(.toolFailed(tool: "postgres", status: 1, output: lastLogLines()))
            }
            if deadline <= .now {
                throw .cluster(.notAnswering(socket: location.socketDirectory, log: location.log))
            }
            usleep(10_000)
        }
    }

    private func lastLogLines() -> String {
        let text = (try? String(contentsOfFile: location.log, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).suffix(5).joined(separator: " | ")
    }
}
