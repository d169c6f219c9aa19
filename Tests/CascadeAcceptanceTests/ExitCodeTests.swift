import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

@Suite(.enabled(if: Program.isBuilt, "the program is built with the tests")) struct ExitCodeTests {
    private let nowhere = "postgresql://nobody@127.0.0.1:1/none"

    @Test func statusAndDoctorSayItByTheirCodesToo() async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database async throws in
            try await withTemporaryDirectory { directory async throws in
                let status = try Program.json(["status", "--json"], database: database.url, in: directory)
                #expect(status.code == 0)
                #expect((status.object["rows"] as? [String: Any])?["items"] as? Int == 0)
                // The tests' server forgets in a crash, which is a failure of `durability`.
                let doctor = try Program.json(["doctor", "--json"], database: database.url, in: directory)
                #expect(doctor.code == ExitCodes.check)
                #expect(doctor.object["level"] as? String == "fail")
            }
        }
    }

    @Test func aDatabaseThatIsAwayHasACodeOfItsOwn() async throws {
        try await withTemporaryDirectory { directory async throws in
            let status = try Program.json(["status", "--json"], database: nowhere, in: directory)
            #expect(status.code == ExitCodes.unavailable)
            #expect((status.object["database"] as? [String: Any])?["reachable"] as? Bool == false)
            let backup = try Program.start(["db", "backup", "b"], database: nowhere, in: directory)
            backup.waitUntilExit()
            #expect(backup.terminationStatus == ExitCodes.unavailable)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).allSatisfy { $0 == "data" })
            let file = directory.appendingPathComponent("c.yaml")
            try Data("database: {max_connections: 0}\n".utf8).write(to: file)
            let doctor = try Program.json(
                ["doctor", "--json", "--config", file.path], database: nowhere, in: directory)
            #expect(doctor.code == ExitCodes.check)
            let checks = doctor.object["checks"] as? [[String: Any]] ?? []
            #expect(checks.map { $0["name"] as? String } == ["configuration"])
        }
    }
}
