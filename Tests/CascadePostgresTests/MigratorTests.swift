import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

@Suite struct MigratorTests {
    private func write(_ files: [String: String], to directory: URL) throws {
        for (name, text) in files {
            try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }

    private static let first = "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n"
    private static let second = "ALTER TABLE a ADD COLUMN name text;\n"

    private func isApplied(_ state: MigrationState) -> Bool { if case .applied = state.state { true } else { false } }

    @Test func whatIsPendingIsAppliedOnce() async throws {
        try await withTemporaryDirectory { directory in
            try write(["0001_first.sql": Self.first, "README.md": "not SQL"], to: directory)
            try await TestDatabase.with(connections: 1) { database in
                let migrator = Migrator(directory: directory)
                try await database.pool.withConnection { connection in
                    #expect(try await migrator.status(connection).map(\.state) == [.pending])
                    #expect(try await migrator.migrate(connection).map(\.version) == [1])
                    #expect(try await migrator.migrate(connection).isEmpty)
                    try write(["0002_second.sql": Self.second], to: directory)
                    let status = try await migrator.status(connection)
                    #expect(status.map(\.name) == ["first", "second"])
                    #expect(isApplied(status[0]))
                    #expect(status[1].state == .pending)
                    #expect(try await migrator.migrate(connection).map(\.name) == ["second"])
                    #expect(try await migrator.status(connection).allSatisfy(isApplied))
                }
                #expect(try await database.pool.query("SELECT count(*) FROM a").single().decode(0) == 1)
            }
        }
    }

    @Test func migratorsThatStartTogetherWaitForOneAnother() async throws {
        try await withTemporaryDirectory { directory in
            try write(
                ["0001_first.sql": Self.first + "SELECT pg_sleep(0.1);", "0002_second.sql": Self.second], to: directory)
            try await TestDatabase.with(connections: 8) { database in
                let pool = database.pool
                let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await pool.withConnection { connection in
                                try await Migrator(directory: directory).migrate(connection).count
                            }
                        }
                    }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
                #expect(applied.sorted() == [0, 0, 0, 0, 0, 0, 0, 2])
                #expect(try await pool.query("SELECT count(*) FROM a").single().decode(0) == 1)
            }
        }
    }

    @Test func aPastThatDiffersIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            try write(["0001_first.sql": Self.first, "0002_second.sql": Self.second], to: directory)
            try await TestDatabase.with(connections: 1) { database in
                try await database.pool.withConnection { connection in
                    let migrator = Migrator(directory: directory)
                    try await migrator.migrate(connection)
                    try write(["0001_first.sql": Self.first + "-- afterthought"], to: directory)
                    await #expect(throws: PostgresError.migration(.changed(file: "0001_first.sql"))) {
                        try await migrator.migrate(connection)
                    }
                    guard case .changed = try await migrator.status(connection)[0].state else {
                        Issue.record("the change is not shown")
                        return
                    }
                    try write(["0001_first.sql": Self.first], to: directory)
                    let second = directory.appendingPathComponent("0002_second.sql")
                    try FileManager.default.removeItem(at: second)
                    await #expect(throws: PostgresError.migration(.missingFile(version: 2, name: "second"))) {
                        try await migrator.migrate(connection)
                    }
                    try write(["0002_renamed.sql": Self.second], to: directory)
                    await #expect(
                        throws: PostgresError.migration(.renamed(file: "0002_renamed.sql", applied: "second"))
                    ) {
                        try await migrator.migrate(connection)
                    }
                }
            }
        }
    }

    @Test func aFailingFileIsNamedWithItsLineAndUndone() async throws {
        try await withTemporaryDirectory { directory in
            try write(
                ["0001_first.sql": Self.first, "0002_broken.sql": "CREATE TABLE b (id int);\n\nSELECT nonsense;\n"],
                to: directory)
            try await TestDatabase.with(connections: 1) { database in
                try await database.pool.withConnection { connection in
                    let migrator = Migrator(directory: directory)
                    await #expect {
                        try await migrator.migrate(connection)
                    } throws: {
                        guard case PostgresError.migration(.failed("0002_broken.sql", 3, let reason)) = $0 else {
                            return false
                        }
                        return reason.contains("nonsense")
                    }
                    #expect(
                        try await connection.query("SELECT to_regclass('b')::text").single().decode(0, as: String?.self)
                            == nil)
                    #expect(try await migrator.status(connection).map(isApplied) == [true, false])
                    try write(["0002_broken.sql": "COMMIT;"], to: directory)
                    await #expect(throws: PostgresError.migration(.endedTransaction(file: "0002_broken.sql"))) {
                        try await migrator.migrate(connection)
                    }
                    try write(["0002_broken.sql": "CREATE TABLE b (id int)"], to: directory)
                    #expect(try await migrator.migrate(connection).map(\.version) == [2])
                }
            }
        }
    }

    @Test(arguments: [
        (["0001_a.sql", "0003_b.sql"], MigrationFailure.gap(missing: 2, before: "0003_b.sql")),
        (["0001_a.sql", "0001_b.sql"], .duplicate(version: 1, files: ["0001_a.sql", "0001_b.sql"])),
        (["0000_a.sql"], .gap(missing: 1, before: "0000_a.sql")),
        (["1_a.sql"], .badName(file: "1_a.sql")),
        (["0001_A.sql"], .badName(file: "0001_A.sql")),
        (["0001_.sql"], .badName(file: "0001_.sql")),
        (["0001-a.sql"], .badName(file: "0001-a.sql")),
    ])
    func namesMustCountWithoutGaps(names: [String], failure: MigrationFailure) throws {
        try withTemporaryDirectory { directory in
            try write(Dictionary(uniqueKeysWithValues: names.map { ($0, "SELECT 1") }), to: directory)
            #expect(throws: PostgresError.migration(failure)) { try MigrationFile.load(directory: directory) }
        }
    }

    @Test func aMissingDirectoryIsNamed() {
        #expect {
            try MigrationFile.load(directory: URL(fileURLWithPath: "/nowhere/at/all"))
        } throws: {
            "\($0)".contains("/nowhere/at/all")
        }
    }

    @Test func theMigrationsOfTheRepositoryAreInOrder() throws {
        let files = try MigrationFile.load(directory: TestDatabase.repositoryMigrations)
        #expect(files.map(\.version) == Array(files.indices.map { $0 + 1 }))
    }
}
