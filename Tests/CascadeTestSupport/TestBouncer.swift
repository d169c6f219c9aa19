package import CascadePostgres
import Foundation

/// A pgbouncer of a test's own before a database: transaction mode, with few sessions of the server.
package enum TestBouncer {
    private static let program = "/usr/sbin/pgbouncer"
    private static let port = 6432

    /// Tests that need it are skipped where it is not installed.
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// Lends the address of the pooler and ends it afterwards.
    ///
    /// - Parameters:
    ///   - servers: sessions of the server that all clients share.
    ///   - settings: lines for the section `pgbouncer` beside those that are here.
    package nonisolated(nonsending) static func with<Value>(
        _ server: PostgresConfiguration, servers: Int = 2, settings: [String] = [],
        _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory(mode: 0o755) { directory in
            let account = try ServerAccount.current()
            chown(directory.path, account.user, account.group)
            let file = directory.appendingPathComponent("pgbouncer.ini")
            try text(server, directory, servers: servers, settings)
                .write(to: file, atomically: true, encoding: .utf8)
            try ToolRunner.check(
                account.prefix + [program, "-q", "-d", file.path], directory: directory.path, tool: "pgbouncer")
            defer { stop(directory) }
            // It listens a little after the command has ended.
            let socket = "\(directory.path)/.s.PGSQL.\(port)"
            for _ in 0..<1000 where !FileManager.default.fileExists(atPath: socket) {
                try await Task.sleep(for: .milliseconds(10))
            }
            var address = PostgresConfiguration(
                socketDirectory: directory.path, port: port, user: "cascade", database: server.database ?? "")
            address.sharesSessions = true
            address.preparesStatements = false
            return try await body(address)
        }
    }

    private static func text(
        _ server: PostgresConfiguration, _ directory: URL, servers: Int, _ settings: [String]
    ) -> String {
        let fixed = [
            "unix_socket_dir = \(directory.path)", "unix_socket_mode = 0777", "listen_port = \(port)",
            "auth_type = any",
            "pool_mode = transaction", "default_pool_size = \(servers)", "max_client_conn = 200",
            "logfile = \(directory.path)/pgbouncer.log",
            // By the name that whoever sweeps up after a killed test process looks for.
            "pidfile = \(directory.path)/postmaster.pid",
        ]
        return
            "[databases]\n* = host=\(server.host ?? "") port=\(server.port ?? "5432") user=\(server.user ?? "")\n[pgbouncer]\n"
            + (fixed + settings).joined(separator: "\n") + "\n"
    }

    private static func stop(_ directory: URL) {
        let file = directory.appendingPathComponent("postmaster.pid")
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return }
        kill(process, SIGTERM)
        // It removes the file at its end. Its number stays for as long as nobody asks after it.
        for _ in 0..<500 where FileManager.default.fileExists(atPath: file.path) { usleep(10_000) }
    }
}
