import CascadeCore
import CascadePostgres
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeStorage

/// The stores through a real pgbouncer in transaction mode, where eight clients share two sessions of the server.
@Suite(.enabled(if: TestBouncer.isInstalled, "pgbouncer is not installed")) struct PoolerTests {
    private static let clients = 8

    /// Lends stores whose server has settings that would spoil what is read, and whose schema came by the direct way.
    private nonisolated(nonsending) func withPooled<Value>(
        _ body: (Storage, TestDatabase) async throws -> Value
    ) async throws -> Value {
        try await TestDatabase.with(connections: 2) { database in
            let name = database.configuration.database ?? ""
            for setting in ["TimeZone = 'Asia/Kolkata'", "DateStyle = 'German'"] {
                try await database.pool.execute("ALTER DATABASE \(identifier: name) SET \(raw: setting)")
            }
            return try await TestBouncer.with(database.configuration) { address in
                let pool = PostgresPool(
                    address, options: .init(maximumConnections: Self.clients, leaseTimeout: .seconds(60)))
                let storage = Storage(pool: pool, direct: database.configuration)
                defer { storage.close() }
                try await storage.migrate(directory: TestDatabase.repositoryMigrations)
                return try await body(storage, database)
            }
        }
    }

    /// Runs `body` once a client, all at once.
    private nonisolated(nonsending) func atOnce(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<Self.clients { group.addTask { try await body(client) } }
            try await group.waitForAll()
        }
    }

    @Test func catalogAndFeedbackOfManyClients() async throws {
        try await withPooled { storage, _ in
            try await atOnce { client in
                for turn in 0..<10 {
                    let id = "\(client)-\(turn)"
                    var item = Item(id: ItemID("i\(id)"), title: "t", createdAt: at(Double(turn)))
                    item.attributes = ["size": .number(Double(turn))]
                    #expect(try await storage.catalog.put(item))
                    #expect(try await storage.catalog.item(item.id) == item)
                    let user = UserID("u\(id)")
                    _ = try await storage.feedback.append([makeImpression("m\(id)", user.rawValue, "i\(id)", 1)])
                    _ = try await storage.feedback.append([
                        makeEvent("e\(id)", "click", user.rawValue, "i\(id)", 2, impression: "m\(id)")
                    ])
                    let past = try await storage.feedback.history(of: user, before: nil, limit: 10)
                    #expect(past.map(\.at) == [at(1)] && past.first?.signals == ["click"])
                    #expect(try await storage.feedback.seenItems(of: user, limit: 5) == [item.id])
                }
            }
            #expect(try await storage.catalog.items().count == 80)
            #expect(try await storage.feedback.interactions(in: Period()).count == 80)
        }
    }

    @Test func importsOfManyClientsFindNothingThatOthersLeft() async throws {
        try await withPooled { storage, database in
            // What an older program left in the sessions: tables of these names with other columns and rows.
            try await atOnce { _ in
                try await storage.pool.withConnection { connection in
                    try await connection.script(
                        "CREATE TEMPORARY TABLE IF NOT EXISTS staged_items (other int); INSERT INTO staged_items VALUES (1)"
                    )
                }
            }
            try await atOnce { client in
                for turn in 0..<3 {
                    var batch = ImportBatch()
                    batch.items = (0..<50).map { Item(id: ItemID("i\(client)-\(turn)-\($0)"), createdAt: at(1)) }
                    batch.users = (0..<50).map { User(id: UserID("u\(client)-\(turn)-\($0)"), createdAt: at(1)) }
                    batch.events = (0..<50).map { makeEvent("e\(client)-\(turn)-\($0)", "like", "u", "i", 1) }
                    batch.impressions = (0..<50).map { makeImpression("m\(client)-\(turn)-\($0)", "u", "i", 1) }
                    let outcome = try await storage.importSink.write(batch)
                    #expect(outcome.items.inserted == 50 && outcome.events.inserted == 50)
                    #expect(try await storage.importSink.write(batch).impressions.inserted == 0)
                }
            }
            let counts = try await storage.counts()
            #expect(counts.items == 1200 && counts.users == 1200 && counts.events == 1200 && counts.impressions == 1200)
            #expect(counts.latestFeedbackAt == at(1))
            #expect(
                try await database.pool.query("SELECT count(*) FROM pg_class WHERE relname ~ '^staged_'").single()
                    .decode(0)
                    == 0)
        }
    }

    @Test func anActivationIsHeardAndCounted() async throws {
        try await withPooled { storage, database in
            let world = NaiveCounters.random(CounterStoreTests.windows, seed: 5)
            try await CounterStoreTests.putItems(storage, world)
            _ = try await storage.feedback.append(world.impressions)
            let other = Storage(pool: storage.pool, direct: database.configuration)
            let stream = ReleaseWatch.stream(other.releases, pollEvery: .seconds(3600))
            async let heard = Self.hears("r1", stream, other)
            try await CounterStoreTests.activate(storage, "r1", CounterStoreTests.windows)
            #expect(await heard)
            try await atOnce { client in
                let mine = world.events.enumerated().filter { $0.offset % Self.clients == client }.map(\.element)
                _ = try await storage.feedback.append(mine)
                try await storage.counters.fold(at: at(100_000))
            }
            try await CounterStoreTests.check(storage, world, at: at(200_000), "after folds")
            #expect(try await storage.counters.rebuild(at: at(100_000)) > 0)
            try await CounterStoreTests.check(storage, world, at: at(200_000), "counted anew")
        }
    }

    @Test func workersShareJobs() async throws {
        try await withPooled { storage, _ in
            for _ in 0..<24 { _ = try await storage.jobs.add(.evaluate, params: [:], maxAttempts: 1) }
            try await atOnce { worker in
                while let job = try await storage.jobs.claim("w\(worker)", kinds: JobKind.allCases, lease: 30) {
                    #expect(try await storage.jobs.renew(job, lease: 30, progress: "half", lines: ["one"]) == .held)
                    #expect(try await storage.jobs.finish(job, .succeeded, lines: []))
                }
            }
            let jobs = try await storage.jobs.jobs(state: nil, limit: 100)
            #expect(jobs.count == 24 && jobs.allSatisfy { $0.state == .succeeded && $0.attempts == 1 })
        }
    }

    private static func hears(_ id: String, _ stream: AsyncStream<Void>, _ storage: Storage) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in stream where (try? await storage.releases.activeRelease()?.id) == id { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(20))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
