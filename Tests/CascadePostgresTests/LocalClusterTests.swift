import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

/// Each test makes a cluster of its own.
@Suite struct LocalClusterTests {
    private func cluster(_ directory: URL, elsewhere: URL? = nil) -> LocalCluster {
        LocalCluster(
            dataDirectory: directory, settings: .testing, elsewhere: elsewhere?.path ?? "/var/lib/cascade")
    }

    private func isRunning(_ cluster: LocalCluster) async throws -> Bool {
        if case .running = try await cluster.status().state { true } else { false }
    }

    private func processID(_ cluster: LocalCluster) async throws -> Int32? {
        if case .running(let process) = try await cluster.status().state { process } else { nil }
    }

    /// Runs `body` with a data directory whose server is stopped afterwards, whatever happens.
    private func withDataDirectory(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryDirectory(mode: 0o755) { directory in
            defer { try? cluster(directory).abandon() }
            try await body(directory)
        }
    }

    @Test func theFirstStartMakesACluster() async throws {
        try await withDataDirectory { directory in
            let cluster = cluster(directory)
            #expect(try await cluster.status().state == .absent)
            let configuration = try await cluster.start()
            #expect(configuration.database == "cascade")
            let connection = try await PostgresConnection.connect(configuration)
            let row = try await connection.query(
                """
                SELECT current_setting('listen_addresses') AS addresses, current_setting('server_encoding') AS encoding,
                    datcollate AS collation, current_setting('jit') AS jit FROM pg_database WHERE datname = 'cascade'
                """
            ).single()
            #expect(try row.decode("addresses") == "")
            #expect(try row.decode("encoding") == "UTF8")
            #expect(try row.decode("collation") == "C")
            #expect(try row.decode("jit") == "off")
            try await connection.execute("CREATE TABLE kept AS SELECT 1 AS a")
            await connection.close()
            try await cluster.release()
            #expect(try await cluster.status().state == .stopped)

            let again = try await PostgresConnection.connect(try await cluster.start())
            #expect(try await again.query("SELECT a FROM kept").single().decode(0) == 1)
            await again.close()
            try await cluster.release()
        }
    }

    @Test func twoHoldersShareItAndTheLastStopsIt() async throws {
        try await withDataDirectory { directory in
            let (first, second) = (cluster(directory), cluster(directory))
            async let started = first.start()
            let configurations = try await (started, second.start())
            #expect(configurations.0 == configurations.1)
            let process = try await processID(first)
            try await first.release()
            #expect(try await processID(second) == process)
            await #expect(throws: PostgresError.cluster(.inUse)) { try await first.stop() }
            try await second.release()
            #expect(try await !isRunning(second))
            // Letting go twice does no harm.
            try await second.release()
        }
    }

    @Test func aKeptServerRunsOnUntilItIsStopped() async throws {
        try await withDataDirectory { directory in
            let keeper = cluster(directory)
            _ = try await keeper.start(keep: true)
            try await keeper.release()
            let visitor = cluster(directory)
            _ = try await visitor.start()
            try await visitor.release()
            #expect(try await isRunning(visitor))
            #expect(try await visitor.status().isKept)
            try await visitor.stop()
            #expect(try await !isRunning(visitor))
            #expect(try await !visitor.status().isKept)
        }
    }

    @Test func aHolderThatIsKilledLetsGo() async throws {
        try await withDataDirectory { directory in
            let own = cluster(directory)
            _ = try await own.start()
            // Another process that holds the server as one of ours would.
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            holder.arguments = ["--shared", try await own.status().home + "/holders.lock", "sleep", "600"]
            try holder.run()
            while try !hasChild(holder.processIdentifier) { try await Task.sleep(for: .milliseconds(5)) }
            let process = try await processID(own)
            try await own.release()
            #expect(try await processID(own) == process)

            // The lock lives in the sleeping child too: end both, the hard way.
            for child in try children(holder.processIdentifier) { kill(child, SIGKILL) }
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
            let adopter = cluster(directory)
            let connection = try await PostgresConnection.connect(try await adopter.start())
            #expect(try await processID(adopter) == process)
            await connection.close()
            try await adopter.release()
            #expect(try await !isRunning(adopter))
        }
    }

    private func children(_ process: Int32) throws -> [Int32] {
        let text = try String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    /// Whether `flock` has its lock, which it takes before it starts its command.
    private func hasChild(_ process: Int32) throws -> Bool { try !children(process).isEmpty }

    @Test func aServerThatWasKilledIsStartedAgainWithItsData() async throws {
        try await withDataDirectory { directory in
            let cluster = cluster(directory)
            let configuration = try await cluster.start()
            let pool = PostgresPool(configuration, options: PostgresPool.Options(leaseTimeout: .seconds(30)))
            try await pool.execute("CREATE TABLE t AS SELECT 1 AS a")
            try await pool.execute("CHECKPOINT")
            let process = try #require(try await processID(cluster))
            kill(process, SIGKILL)
            while kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await cluster.status().state == .stopped)
            async let waited = pool.query("SELECT a FROM t")
            _ = try await cluster.start()
            #expect(try await waited.single().decode(0) == 1)
            #expect(try await processID(cluster) != process)
            pool.close()
            try await cluster.release()
        }
    }

    @Test func aStaleFileWithTheNumberOfAnotherProgramDoesNotMatter() async throws {
        try await withDataDirectory { directory in
            let cluster = cluster(directory)
            _ = try await cluster.start()
            try await cluster.release()
            let file = URL(fileURLWithPath: try await cluster.status().home + "/data/postmaster.pid")
            try "\(getpid())\n/nowhere\n".write(to: file, atomically: true, encoding: .utf8)
            #expect(try await cluster.status().state == .stopped)
            let connection = try await PostgresConnection.connect(try await cluster.start())
            await connection.close()
            try await cluster.release()
        }
    }

    @Test func aHalfMadeClusterIsMadeAnew() async throws {
        try await withDataDirectory { directory in
            let cluster = cluster(directory)
            let home = try await cluster.status().home
            try FileManager.default.createDirectory(
                atPath: home + "/data.new/base", withIntermediateDirectories: true)
            _ = try await cluster.start()
            try await cluster.release()
            #expect(!FileManager.default.fileExists(atPath: home + "/data.new"))
        }
    }

    @Test func aDirectoryThatTheServerCannotUseIsReplacedByOneElsewhere() async throws {
        try await withTemporaryDirectory(mode: 0o755) { root in
            let elsewhere = root.appendingPathComponent("elsewhere")
            // Awkward for pg_ctl's shell, closed to other users, and too long for a socket.
            let hidden = root.appendingPathComponent("closed $HOME 'dir'")
            try FileManager.default.createDirectory(
                at: hidden, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let directory = hidden.appendingPathComponent(String(repeating: "long", count: 30))
            let cluster = cluster(directory, elsewhere: elsewhere)
            defer { try? cluster.abandon() }
            let connection = try await PostgresConnection.connect(try await cluster.start())
            #expect(try await connection.query("SELECT 1").single().decode(0) == 1)
            await connection.close()
            let status = try await cluster.status()
            #expect(status.home.hasPrefix(elsewhere.path + "/cascade-"))
            let remember = ClusterLocation.rememberFile(directory.path)
            #expect(try String(contentsOfFile: remember, encoding: .utf8) == status.home + "\n")
            try await cluster.release()
            try FileManager.default.removeItem(atPath: status.home)
            await #expect(throws: PostgresError.cluster(.locationLost(path: status.home, rememberedIn: remember))) {
                try await cluster.start()
            }
        }
    }

    @Test func aLongPathMovesOnlyTheSocket() async throws {
        try await withTemporaryDirectory(mode: 0o755) { root in
            let directory = root.appendingPathComponent(String(repeating: "long", count: 20))
            let cluster = cluster(directory)
            let connection = try await PostgresConnection.connect(try await cluster.start())
            await connection.close()
            let status = try await cluster.status()
            #expect(status.home.hasPrefix(directory.path))
            #expect((status.socketDirectory + "/.s.PGSQL.5432").utf8.count <= 107)
            #expect(!status.socketDirectory.hasPrefix(status.home))
            try await cluster.release()
            #expect(!FileManager.default.fileExists(atPath: status.socketDirectory))
        }
    }

    @Test func missingProgramsAreNamedWithTheRemedy() throws {
        let error = #expect(throws: PostgresError.self) {
            try ServerBinaries.find(version: nil, roots: ["/nowhere"], searchPath: "/also/nowhere")
        }
        #expect("\(error, default: "")".contains("apt-get install postgresql"))
        #expect {
            try ServerBinaries.find(version: "9")
        } throws: {
            if case PostgresError.cluster(.versionMismatch(cluster: "9", _)) = $0 { true } else { false }
        }
        #expect(throws: PostgresError.cluster(.binariesMissing(searched: ["/nowhere/*/bin", "PATH"]))) {
            try ServerBinaries.find(version: "15", roots: ["/nowhere"], searchPath: "")
        }
    }

    @Test func someoneElsesDirectoryIsNotUsed() throws {
        try withTemporaryDirectory { root in
            let real = root.appendingPathComponent("real")
            let link = root.appendingPathComponent("link")
            try FileManager.default.createDirectory(at: real, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
            #expect(throws: PostgresError.cluster(.unusableDirectory(path: link.path, reason: "it is no directory"))) {
                try SafeDirectory.make(link.path, owner: geteuid(), group: getegid(), mode: 0o700)
            }
        }
    }
}
