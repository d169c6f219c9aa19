import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@testable import CascadePostgres

@Suite struct PostgresPoolTests {
    @Test func aThousandLeasesAtOnceShareAFewConnections() async throws {
        try await TestDatabase.with(connections: 6) { database in
            let pool = PostgresPool(
                database.configuration, options: PostgresPool.Options(maximumConnections: 6, leaseTimeout: .seconds(60))
            )
            let running = Gauge()
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await pool.withConnection { connection in
                            running.enter()
                            defer { running.leave() }
                            return try await connection.query("SELECT \(number) AS n").single().decode(
                                "n", as: Int.self)
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 999 * 1000 / 2)
            #expect(running.most <= 6)
            let status = pool.status
            #expect(status.inUse == 0)
            #expect(status.waiting == 0)
            #expect(status.opened <= 6)
            #expect(status.discarded == 0)
            pool.close()
        }
    }

    @Test func connectionsThatTheServerEndsAreReplaced() async throws {
        try await TestDatabase.with(connections: 3) { database in
            let pool = database.pool
            for _ in 0..<3 {
                // Ends every connection of the pool, idle ones and the one that asks.
                await #expect(throws: PostgresError.self) {
                    try await pool.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() ORDER BY pid = pg_backend_pid()
                        """)
                }
                let answer: Int = try await pool.query("SELECT 1").single().decode(0)
                #expect(answer == 1)
            }
            #expect(pool.status.discarded >= 3)
        }
    }

    @Test func anIdleConnectionThatWasEndedIsNoticedBeforeItIsLent() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let process: Int32 = try await database.pool.query("SELECT pg_backend_pid()").single().decode(0)
            let observer = try await PostgresConnection.connect(database.configuration)
            try await observer.query("SELECT pg_terminate_backend(\(process))")
            while try await !observer.query("SELECT 1 FROM pg_stat_activity WHERE pid = \(process)").isEmpty {}
            #expect(try await database.pool.query("SELECT 1").single().decode(0) == 1)
            #expect(database.pool.status.discarded == 1)
        }
    }

    @Test func whoeverWaitsTooLongIsToldAndOthersAreServed() async throws {
        try await TestDatabase.with(connections: 1) { database in
            let pool = database.pool
            try await pool.withConnection { connection in
                await #expect(throws: PostgresError.poolTimedOut(after: .milliseconds(30), lastFailure: nil)) {
                    try await pool.withConnection(timeout: .milliseconds(30)) { _ in }
                }
                let waiter = Task { try await pool.query("SELECT 1") }
                while pool.status.waiting == 0 { await Task.yield() }
                waiter.cancel()
                await #expect(throws: PostgresError.cancelled(statement: nil)) { try await waiter.value }
                #expect(pool.status.waiting == 0)
                #expect(pool.status.inUse == 1)
                let answer: Int = try await connection.query("SELECT 1").single().decode(0)
                #expect(answer == 1)
            }
            #expect(try await pool.query("SELECT 1").single().decode(0) == 1)
            #expect(pool.status.leaseTimeouts == 1)
        }
    }

    @Test func aServerThatIsAwayIsWaitedForUntilTheDeadline() async throws {
        let configuration = PostgresConfiguration(socketDirectory: "/tmp/no-such-directory", user: "a", database: "a")
        let pool = PostgresPool(configuration, options: PostgresPool.Options(leaseTimeout: .milliseconds(200)))
        await #expect {
            try await pool.query("SELECT 1")
        } throws: {
            guard case PostgresError.poolTimedOut(_, let last?) = $0 else { return false }
            return last.contains("no Postgres answers")
        }
    }

    @Test func aServerThatStaysAwayIsToldSoon() async throws {
        let configuration = PostgresConfiguration(socketDirectory: "/tmp/no-such-directory", user: "a", database: "a")
        let options = PostgresPool.Options(leaseTimeout: .seconds(2), awayTimeout: .milliseconds(20))
        let pool = PostgresPool(configuration, options: options)
        // The first waits through a restart; attempts after 0, 50, 150, 350 and 750 ms fail meanwhile.
        for after in [Duration.seconds(2), .milliseconds(20), .milliseconds(20)] {
            await #expect {
                try await pool.query("SELECT 1")
            } throws: {
                guard case PostgresError.poolTimedOut(after, _?) = $0 else { return false }
                return true
            }
        }
    }

    @Test func aLastingFailureIsToldAtOnce() async throws {
        try await TestDatabase.with { database in
            let pool = PostgresPool(
                database.configuration.with(database: "nowhere"),
                options: PostgresPool.Options(leaseTimeout: .seconds(600)))
            await #expect { try await pool.query("SELECT 1") } throws: {
                if case PostgresError.databaseMissing = $0 { true } else { false }
            }
        }
    }

    @Test func aClosedPoolRefusesAndEndsItsConnections() async throws {
        try await TestDatabase.with { database in
            let pool = PostgresPool(database.configuration, options: PostgresPool.Options(maximumConnections: 1))
            try await pool.withConnection { connection in
                let waiter = Task { try await pool.query("SELECT 1") }
                while pool.status.waiting == 0 { await Task.yield() }
                pool.close()
                await #expect(throws: PostgresError.poolClosed) { try await waiter.value }
                // What was lent goes on until it comes back.
                let answer: Int = try await connection.query("SELECT 1").single().decode(0)
                #expect(answer == 1)
            }
            await #expect(throws: PostgresError.poolClosed) { try await pool.query("SELECT 1") }
            #expect(pool.status.inUse + pool.status.idle == 0)
        }
    }

    @Test func waitingForTheServerLeavesTheCooperativePoolFree() async throws {
        let many = ProcessInfo.processInfo.activeProcessorCount * 4
        try await TestDatabase.with(connections: many) { database in
            let pool = database.pool
            let sleepers = (0..<many).map { _ in Task { try await pool.query("SELECT pg_sleep(60)") } }
            while pool.status.inUse < many { try await Task.sleep(for: .milliseconds(1)) }
            // More statements block than the cooperative pool has threads; this task still gets one.
            for _ in 0..<100 { await Task.yield() }
            for sleeper in sleepers { sleeper.cancel() }
            for sleeper in sleepers { await #expect(throws: PostgresError.self) { try await sleeper.value } }
        }
    }
}

/// Counts how many are inside at once.
private final class Gauge: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func enter() {
        counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { counts.withLock { $0.now -= 1 } }
}
