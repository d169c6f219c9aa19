import CascadeTestSupport
import Testing

@testable import CascadePostgres

@Suite struct TransactionTests {
    private struct Stop: Error {}

    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM t").single().decode(0)
    }

    @Test func commitsOnReturnAndRollsBackOnThrow() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            let given = try await pool.withTransaction { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                return "given"
            }
            #expect(given == "given")
            await #expect(throws: Stop.self) {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            #expect(try await count(pool) == 1)
            #expect(pool.status.discarded == 0)
        }
    }

    @Test func aSwallowedFailureDoesNotPassForACommit() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            await #expect(throws: PostgresError.transactionAborted) {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    _ = try? await connection.query("SELECT 1 / 0")
                }
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test func aTransactionInsideAnotherIsRefused() async throws {
        try await TestDatabase.with { database in
            await #expect(throws: PostgresError.self) {
                try await database.pool.withTransaction { connection in
                    try await connection.withTransaction { _ in }
                }
            }
        }
    }

    @Test func cancellingRollsBackAndKeepsTheConnection() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            let task = Task {
                try await pool.withTransaction { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    try await connection.query("SELECT pg_sleep(60)")
                }
            }
            while try await !isSleeping(database) { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect { try await task.value } throws: {
                if case PostgresError.cancelled = $0 { true } else { false }
            }
            #expect(try await count(pool) == 0)
            #expect(pool.status.opened == 1)
        }
    }

    private func isSleeping(_ database: TestDatabase) async throws -> Bool {
        let observer = try await PostgresConnection.connect(database.configuration)
        let rows = try await observer.query(
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)' AND state = 'active'
            """)
        return !rows.isEmpty
    }

    @Test func serializationFailuresAreRunAgain() async throws {
        try await TestDatabase.with(connections: 4) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            try await pool.execute("INSERT INTO t VALUES (0)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await pool.withTransaction(isolation: .serializable, attempts: 1000) { connection in
                                let value: Int = try await connection.query("SELECT a FROM t").single().decode(0)
                                try await connection.execute("UPDATE t SET a = \(value + 1)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.query("SELECT a FROM t").single().decode(0) == 40)
        }
    }

    @Test func aConnectionGivenBackInsideATransactionIsReplaced() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.execute("CREATE TABLE t (a int)")
            try await pool.withConnection { connection in
                try await connection.script("BEGIN")
                try await connection.execute("INSERT INTO t VALUES (1)")
            }
            #expect(try await count(pool) == 0)
            #expect(pool.status.discarded == 1)
        }
    }
}
