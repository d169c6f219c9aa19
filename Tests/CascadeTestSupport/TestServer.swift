package import CascadePostgres
package import Foundation

/// A Postgres of a test's own, for settings and rules of access that the one of all tests has not.
package struct TestServer: Sendable {
    /// Holds its data, its socket and whatever else the test puts there; the server's user owns it.
    package let directory: URL
    /// Also the number in the name of its socket.
    package let port: Int
    private let account: ServerAccount
    private let binaries: ServerBinaries

    /// The maintenance database over the socket, as a superuser.
    package var configuration: PostgresConfiguration {
        PostgresConfiguration(socketDirectory: directory.path, port: port, user: "cascade", database: "postgres")
    }

    package var data: String { directory.path + "/data" }

    /// Lends a server and ends it afterwards.
    ///
    /// - Parameters:
    ///   - settings: lines of its `postgresql.conf`.
    ///   - access: lines of its `pg_hba.conf` behind the one for its socket.
    ///   - prepare: runs when the directory is there and before the server starts.
    package nonisolated(nonsending) static func with<Value>(
        settings: [String] = [], access: [String] = [], prepare: (TestServer) throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory(mode: 0o755) { directory in
            let server = try TestServer(in: directory)
            try server.run(
                "initdb", ["--username=cascade", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync"])
            try prepare(server)
            try (["local all all trust", "local replication all trust"] + access + [""]).joined(separator: "\n")
                .write(toFile: server.data + "/pg_hba.conf", atomically: true, encoding: .utf8)
            try server.handOver("data/pg_hba.conf")
            try server.configure(settings)
            try server.start()
            defer { server.stop() }
            return try await body(server)
        }
    }

    /// Lends a copy of `primary` that follows it, read-only.
    package nonisolated(nonsending) static func withReplica<Value>(
        of primary: TestServer, settings: [String] = [], _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory(mode: 0o755) { directory in
            let server = try TestServer(in: directory)
            try server.run(
                "pg_basebackup",
                [
                    "--host=\(primary.directory.path)", "--port=\(primary.port)", "--username=cascade",
                    "--write-recovery-conf",
                    "--wal-method=stream", "--checkpoint=fast", "--no-sync",
                ])
            try server.configure(settings)
            try server.start()
            defer { server.stop() }
            return try await body(server)
        }
    }

    private init(in directory: URL) throws {
        self.directory = directory
        port = Int.random(in: 20_000..<30_000)
        account = try ServerAccount.current()
        binaries = try ServerBinaries.find(version: nil)
        chown(directory.path, account.user, account.group)
    }

    /// Gives a file of the directory to the server's user, who alone may read it.
    package func handOver(_ file: String) throws {
        let path = directory.appendingPathComponent(file).path
        chown(path, account.user, account.group)
        chmod(path, 0o600)
    }

    private func configure(_ settings: [String]) throws {
        // The last of two lines counts.
        let lines = [
            "listen_addresses = ''", "unix_socket_directories = '\(directory.path)'", "port = \(port)", "fsync = off",
            "shared_buffers = '32MB'", "max_connections = 50",
        ]
        try (lines + settings + [""]).joined(separator: "\n")
            .write(to: directory.appendingPathComponent("test.conf"), atomically: true, encoding: .utf8)
        try handOver("test.conf")
    }

    /// Starts the server anew after `stop`.
    package func start() throws {
        try run(
            "pg_ctl",
            [
                "start", "--log=\(directory.path)/log", "--wait", "--silent", "-o",
                "--config-file=\(directory.path)/test.conf",
            ])
    }

    /// Ends the server as a crash would.
    package func stop() { try? run("pg_ctl", ["stop", "--mode=immediate", "--wait", "--silent"]) }

    private func run(_ program: String, _ arguments: [String]) throws {
        try ToolRunner.check(
            account.prefix + [binaries.path(program), "--pgdata=\(data)"] + arguments, directory: "/", tool: program)
    }
}
