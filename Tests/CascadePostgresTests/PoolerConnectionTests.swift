import CascadeTestSupport
import Foundation
import Testing

@testable import CascadePostgres

/// Connections through a real pgbouncer in transaction mode.
@Suite(.enabled(if: TestBouncer.isInstalled, "pgbouncer is not installed")) struct PoolerConnectionTests {
    /// Settings of a server under which times would be misread.
    private static let settings = ["timezone = 'Asia/Kolkata'", "datestyle = 'German'"]

    @Test func everyClientReadsTimesAsTheyAreWithoutARoundTripMore() async throws {
        try await TestServer.with(settings: Self.settings + ["log_statement = all"]) { server in
            try await TestBouncer.with(server.configuration) { address in
                let pool = PostgresPool(address, options: .init(maximumConnections: 8, leaseTimeout: .seconds(60)))
                defer { pool.close() }
                let ask: @Sendable () async throws -> Void = {
                    for _ in 0..<50 {
                        let row = try await pool.query(
                            "SELECT timestamptz '2026-01-02 03:04:05+00', current_setting('TimeZone')"
                        ).single()
                        #expect(try row.decode(0) == PostgresTimestamp(microseconds: 1_767_323_045_000_000))
                        #expect(try row.decode(1) == "UTC")
                    }
                }
                var lines: [[Substring]] = []
                for _ in 0..<2 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 { group.addTask { try await ask() } }
                        try await group.waitForAll()
                    }
                    let log = try String(contentsOf: server.directory.appendingPathComponent("log"), encoding: .utf8)
                    lines.append(log.split(separator: "\n").filter { $0.contains("LOG:") })
                }
                #expect(pool.status.opened > 2)
                // While clients connect, the proxy brings sessions from one client's settings to another's; from then on, a
                // query is one statement to the server.
                #expect(lines[0].count { $0.contains("SET TimeZone") } > 0)
                let later = lines[1].dropFirst(lines[0].count)
                #expect(later.count == 400 && later.allSatisfy { $0.contains("timestamptz '2026") }, "\(later.count)")
            }
        }
    }

    @Test func aDirectConnectionSetsAllWithTheLogin() async throws {
        try await TestServer.with(settings: Self.settings + ["log_statement = all", "jit = on"]) { server in
            let connection = try await PostgresConnection.connect(server.configuration)
            for (name, value) in [
                ("TimeZone", "UTC"), ("DateStyle", "ISO, DMY"), ("jit", "off"), ("bytea_output", "hex"),
            ] {
                let found: String = try await connection.query("SELECT current_setting(\(name))").single().decode(0)
                #expect(found == value)
            }
            let log = try String(contentsOf: server.directory.appendingPathComponent("log"), encoding: .utf8)
            #expect(!log.contains("SET "))
        }
    }

    @Test func optionsOfTheURLStay() async throws {
        try await TestDatabase.with { database in
            var configuration = database.configuration
            configuration.parameters["options"] = "-c work_mem=7MB"
            let connection = try await PostgresConnection.connect(configuration)
            let row = try await connection.query("SELECT current_setting('work_mem'), current_setting('TimeZone')")
                .single()
            #expect(try row.decode(0) == "7MB")
            #expect(try row.decode(1) == "UTC")
        }
    }

    @Test func aStatementIsStoppedAndNobodyElses() async throws {
        try await TestDatabase.with { database in
            try await TestBouncer.with(database.configuration) { address in
                let pool = PostgresPool(address, options: .init(maximumConnections: 8, leaseTimeout: .seconds(60)))
                defer { pool.close() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<5 {
                                await #expect {
                                    try await pool.query("SELECT pg_sleep(60)", timeout: .milliseconds(150))
                                } throws: {
                                    if case .timedOut = $0 as? PostgresError { true } else { false }
                                }
                            }
                        }
                        group.addTask {
                            for _ in 0..<50 {
                                let found: Int = try await pool.query("SELECT 1").single().decode(0)
                                #expect(found == 1)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func copyAndTransactionsGoThrough() async throws {
        try await TestDatabase.with { database in
            try await database.pool.execute("CREATE TABLE numbers (n int)")
            try await TestBouncer.with(database.configuration) { address in
                let pool = PostgresPool(address, options: .init(maximumConnections: 8, leaseTimeout: .seconds(60)))
                defer { pool.close() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 0..<8 {
                        group.addTask {
                            try await pool.withTransaction { connection in
                                try await connection.copyIn(table: "numbers", columns: ["n"], format: .binary) {
                                    writer in
                                    for number in 0..<100 {
                                        writer.int(client * 100 + number)
                                        try writer.endRow()
                                    }
                                }
                                let own = try await connection.copyOut(
                                    "SELECT n FROM numbers WHERE n / 100 = \(client)", into: 0
                                ) { count, _ in count += 1 }
                                #expect(own == 100)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await pool.query("SELECT count(*) FROM numbers").single().decode(0) == 800)
            }
        }
    }

    @Test func aProxyThatNobodyNamedIsTold() async throws {
        try await TestDatabase.with { database in
            try await TestBouncer.with(database.configuration) { address in
                var address = address
                address.sharesSessions = false
                await #expect {
                    try await PostgresConnection.connect(address)
                } throws: {
                    "\($0)".contains("database.direct_url")
                }
            }
        }
    }
}
