import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

@Suite struct TestSupportTests {
    @Test func everyTestHasADatabaseOfItsOwn() async throws {
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await TestDatabase.with { database in
                        try await database.pool.execute("CREATE TABLE t (a int)")
                        return try await database.pool.query("SELECT current_database()::text").single().decode(0)
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(names.count == 4)
        try await TestDatabase.with { database in
            let rows = try await database.pool.query("SELECT 1 FROM pg_database WHERE datname = ANY(\(Array(names)))")
            #expect(rows.isEmpty)
        }
    }

    @Test func temporaryDirectoriesAreRemoved() throws {
        struct Failure: Error {}
        var seen: URL?
        #expect(throws: Failure.self) {
            try withTemporaryDirectory { directory in
                seen = directory
                #expect(FileManager.default.fileExists(atPath: directory.path))
                throw Failure()
            }
        }
        #expect(seen.map { FileManager.default.fileExists(atPath: $0.path) } == false)
    }

    @Test(.needsData) func theDataDirectoryIsThere() throws {
        #expect(FileManager.default.fileExists(atPath: try TestData.url("README.md").path))
    }
}
