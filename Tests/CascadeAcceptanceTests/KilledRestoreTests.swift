import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

/// The program itself, killed while it restores.
@Suite(.serialized) struct KilledRestoreTests {
    @Test(.enabled(if: Program.isBuilt, "the program is built with the tests"))
    func aKilledRestoreLeavesTheDatabaseAsItWas() async throws {
        try await withTemporaryDirectory { directory async throws in
            let folder = BackupFolder(url: directory.appendingPathComponent("backup"))
            try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { source async throws in
                let session = Self.session(source, directory)
                _ = try await session.storage.catalog.put(Item(id: ItemID("restored")))
                _ = try await BackupRun(session: session, folder: folder).run()
            }
            try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { target async throws in
                _ = try await Self.session(target, directory).storage.catalog.put(Item(id: ItemID("former")))
                target.pool.close()
                var other = target.configuration
                other.applicationName = "test"
                let connection = try await PostgresConnection.connect(other)
                // In a transaction the server's activity stays as it was first seen.
                let watch = try await PostgresConnection.connect(other)
                try await Self.wait { try await Self.sessions("cascade", watch) == 0 }
                // Reading it keeps the restore from replacing the table.
                try await connection.execute("BEGIN")
                try await connection.query("SELECT * FROM items")
                let process = try Self.restore(folder, into: target, directory)
                try await Self.wait { try await Self.sessions("psql", watch) == 1 }
                #expect(try Self.commands().contains { $0.contains("pg_restore") })
                #expect(try !Self.commands().contains { $0.contains(Self.password) })
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                // What it began ends with it. The server notices when it no longer waits, and takes back what was done.
                try await connection.execute("COMMIT")
                try await Self.wait { try await Self.sessions("psql", watch) == 0 }
                let left = try await connection.query("SELECT item_id FROM items").column("item_id", as: String.self)
                #expect(left == ["former"])
                let again = try Self.restore(folder, into: target, directory)
                again.waitUntilExit()
                #expect(again.terminationStatus == 0)
                let items = try await connection.query("SELECT item_id FROM items").column("item_id", as: String.self)
                #expect(items == ["restored"])
                await connection.close()
                await watch.close()
            }
        }
    }

    private static func session(_ database: TestDatabase, _ directory: URL) -> Session {
        Session(
            configuration: CascadeConfiguration(), storage: Storage(pool: database.pool),
            dataDirectory: directory.appendingPathComponent("data"), cluster: nil)
    }

    /// What the server of the tests does not ask for, and nobody may read.
    private static let password = "hush-" + String(UInt64.random(in: 0 ... .max), radix: 36)

    /// The arguments of all processes of the machine, as everybody can read them.
    private static func commands() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.compactMap { process in
            FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Sessions of a program in the database.
    private static func sessions(_ program: String, _ connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = \(program)
            """
        ).single().decode(0)
    }

    private static func wait(_ isDone: () async throws -> Bool) async throws {
        for _ in 0..<1000 {
            if try await isDone() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("waited for too long")
    }

    private static func restore(_ folder: BackupFolder, into target: TestDatabase, _ directory: URL) throws -> Process {
        try Program.start(
            ["db", "restore", folder.url.path, "--replace"], database: "\(target.url) password='\(password)'",
            in: directory)
    }
}
