import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

@Suite struct CancellationTests {
    @Test func aCancelledTaskStopsItsStatementAndTheConnectionGoesOn() async throws {
        try await TestDatabase.with { database in
            let connection = try await PostgresConnection.connect(database.configuration)
            for _ in 0..<5 {
                let task = Task { try await connection.query("SELECT pg_sleep(60)") }
                try await Task.sleep(for: .milliseconds(20))
                task.cancel()
                await #expect(throws: PostgresError.cancelled(statement: "SELECT pg_sleep(60)")) {
                    try await task.value
                }
                // A late cancel request must not hit the next statement.
                for _ in 0..<20 { #expect(try await connection.query("SELECT 1").single().decode(0) == 1) }
            }
            #expect(!connection.health.isBroken)
        }
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        try await TestDatabase.with { database in
            let connection = try await PostgresConnection.connect(database.configuration)
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await connection.execute("CREATE TABLE t (a int)")
            }
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
            #expect(
                try await connection.query("SELECT to_regclass('t')::text").single().decode(0, as: String?.self) == nil)
        }
    }

    @Test func aStatementEndsAtItsDeadline() async throws {
        try await TestDatabase.with { database in
            var configuration = database.configuration
            configuration.statementTimeout = .milliseconds(80)
            let connection = try await PostgresConnection.connect(configuration)
            let limits: [Duration?] = [.milliseconds(50), nil]
            for limit in limits {
                await #expect {
                    try await connection.query("SELECT pg_sleep(60)", timeout: limit)
                } throws: {
                    $0 as? PostgresError
                        == .timedOut(statement: "SELECT pg_sleep(60)", after: limit ?? .milliseconds(80))
                }
            }
            #expect(try await connection.query("SELECT 1").single().decode(0) == 1)
        }
    }

    @Test func aSessionOfManyStatementsIsStoppedInTheMiddle() async throws {
        try await TestDatabase.with { database in
            let connection = try await PostgresConnection.connect(database.configuration)
            let task = Task {
                try await connection.withSession { session in
                    while true { try session.query("SELECT pg_sleep(0.01)") }
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
            #expect(try await connection.query("SELECT 1").single().decode(0) == 1)
        }
    }

    /// The server gets the request before it has read the statement, and takes no notice of it.
    @Test func aRequestThatOvertakesItsStatementIsRepeated() async throws {
        try await TestDatabase.with { database in
            var configuration = database.configuration
            configuration.cancelPatience = .seconds(60)
            let connection = try await PostgresConnection.connect(configuration)
            let process = await connection.processID
            #expect(kill(process, SIGSTOP) == 0)
            let task = Task { try await connection.query("SELECT pg_sleep(600)", timeout: .milliseconds(20)) }
            try await Task.sleep(for: .milliseconds(100))
            kill(process, SIGCONT)
            await #expect {
                try await task.value
            } throws: {
                if case PostgresError.timedOut = $0 { true } else { false }
            }
            #expect(try await connection.query("SELECT 1").single().decode(0) == 1)
        }
    }

    /// A server that is stopped (as a machine that hangs) must not hold a caller longer than the cancel's patience.
    @Test func aServerThatHangsIsGivenUp() async throws {
        try await TestDatabase.with { database in
            var configuration = database.configuration
            configuration.cancelPatience = .milliseconds(300)
            let connection = try await PostgresConnection.connect(configuration)
            let process = await connection.processID
            #expect(kill(process, SIGSTOP) == 0)
            await #expect {
                try await connection.query("SELECT 1", timeout: .milliseconds(100))
            } throws: {
                if case PostgresError.timedOut = $0 { true } else { false }
            }
            #expect(connection.health.isBroken)
            kill(process, SIGCONT)
        }
    }
}
