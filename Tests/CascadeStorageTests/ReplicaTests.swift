import CascadeCore
import CascadePostgres
import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@testable import CascadeStorage

/// The stores over a server and a copy of it that really follows.
@Suite struct ReplicaTests {
    private struct Pair {
        let storage: Storage
        let primary: TestServer
        let replica: TestServer
        /// A superuser's connection to the copy.
        let administration: PostgresPool

        /// Whether a read goes to the copy.
        func readsCopy() async throws -> Bool {
            try await storage.database.read { session in
                try session.query("SELECT pg_is_in_recovery()").single().decode(0)
            }
        }

        /// Waits until reads go to the copy, or no more.
        func settles(_ wanted: Bool) async throws -> Bool {
            for _ in 0..<400 {
                if try await readsCopy() == wanted { return true }
                try await Task.sleep(for: .milliseconds(25))
            }
            return false
        }
    }

    private nonisolated(nonsending) func withPair(
        settings: [String] = [], maximumLag: Duration = .milliseconds(300), _ body: (Pair) async throws -> Void
    ) async throws {
        try await TestServer.with { primary in
            try await TestServer.withReplica(of: primary, settings: settings) { replica in
                let copy = ReplicaReads(
                    pool: PostgresPool(replica.configuration), maximumLag: maximumLag, checkEvery: .milliseconds(20))
                let storage = Storage(pool: PostgresPool(primary.configuration), replica: copy)
                let administration = PostgresPool(replica.configuration)
                defer {
                    storage.close()
                    administration.close()
                }
                try await storage.migrate(directory: TestDatabase.repositoryMigrations)
                let pair = Pair(
                    storage: storage, primary: primary, replica: replica, administration: administration)
                #expect(try await pair.settles(true))
                try await body(pair)
            }
        }
    }

    @Test func whatMayBeOldIsReadFromTheCopyAndTheRestIsNot() async throws {
        try await withPair { pair in
            let storage = pair.storage
            _ = try await storage.catalog.put(Item(id: ItemID("i")))
            _ = try await storage.feedback.append([makeImpression("m", "u", "i", 0)])
            #expect(try await storage.feedback.seenItems(of: UserID("u"), limit: 5) == [ItemID("i")])
            for _ in 0..<100 where try await storage.catalog.items([ItemID("i")]).isEmpty {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await pair.settles(true))
            #expect(try await storage.catalog.items().map(\.id) == [ItemID("i")])
            #expect(try await storage.feedback.interactions(in: Period()).count == 1)
            #expect(
                try await storage.database.run { try $0.query("SELECT pg_is_in_recovery()").single().decode(0) }
                    == false)
            #expect(
                try await storage.database.readAll { try $0.query("SELECT pg_is_in_recovery()").single().decode(0) }
                    == true)
        }
    }

    @Test func aCopyThatLagsIsLeftAloneUntilItHasCaughtUp() async throws {
        try await withPair { pair in
            try await pair.administration.query("SELECT pg_wal_replay_pause()")
            _ = try await pair.storage.catalog.put(Item(id: ItemID("new")))
            #expect(try await pair.settles(false))
            #expect(try await pair.storage.catalog.items([ItemID("new")]).count == 1)
            try await pair.administration.query("SELECT pg_wal_replay_resume()")
            #expect(try await pair.settles(true))
            #expect(try await pair.storage.catalog.items([ItemID("new")]).count == 1)
        }
    }

    @Test func aCopyThatIsAwayIsNotMissed() async throws {
        try await withPair { pair in
            _ = try await pair.storage.catalog.put(Item(id: ItemID("i")))
            pair.replica.stop()
            for _ in 0..<10 { #expect(try await pair.storage.catalog.items([ItemID("i")]).count == 1) }
            #expect(try await pair.readsCopy() == false)
            try pair.replica.start()
            #expect(try await pair.settles(true))
        }
    }

    @Test func aReadThatTheCopyCancelsIsDoneAtThePrimary() async throws {
        let settings = ["max_standby_streaming_delay = '50ms'", "hot_standby_feedback = off"]
        try await withPair(settings: settings, maximumLag: .seconds(60)) { pair in
            let storage = pair.storage
            var batch = ImportBatch()
            batch.items = (0..<2000).map { Item(id: ItemID("i\($0)")) }
            _ = try await storage.importSink.write(batch)
            for _ in 0..<400 where try await storage.catalog.items([ItemID("i1")]).isEmpty {
                try await Task.sleep(for: .milliseconds(25))
            }
            let attempts = Attempts()
            async let found = storage.database.readAll { session -> Bool in
                let isCopy: Bool = try session.query("SELECT pg_is_in_recovery()").single().decode(0)
                attempts.add(isCopy)
                guard isCopy else { return isCopy }
                try session.copyOut("SELECT item_id, pg_sleep(0.005) FROM items") { _ in }
                return isCopy
            }
            while attempts.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            // What the read still sees is removed at the primary.
            try await storage.pool.execute("DELETE FROM items")
            try await storage.pool.withConnection { connection in try await connection.script("VACUUM items") }
            #expect(try await found == false)
            #expect(attempts.all == [true, false])
        }
    }

    @Test func whoWasErasedIsInNoTraining() async throws {
        try await withPair(maximumLag: .seconds(3600)) { pair in
            let storage = pair.storage
            _ = try await storage.feedback.append([makeImpression("m", "u", "i", 0)])
            for _ in 0..<400 where try await storage.counts().impressions == 0 {
                try await Task.sleep(for: .milliseconds(25))
            }
            try await pair.administration.query("SELECT pg_wal_replay_pause()")
            #expect(try await storage.eraser.erase(UserID("u")) != nil)
            #expect(try await pair.readsCopy())
            #expect(try await storage.counts().impressions == 1)
            #expect(try await storage.feedback.interactions(in: Period()).count == 0)
            try await pair.administration.query("SELECT pg_wal_replay_resume()")
        }
    }

    @Test func aServerThatFollowsNoOtherIsNoCopy() async throws {
        try await TestDatabase.with { database in
            let copy = ReplicaReads(pool: PostgresPool(database.configuration), maximumLag: .seconds(1))
            defer { copy.pool.close() }
            #expect(await copy.keepsUp() == false)
        }
    }
}

/// Where a read ran.
private final class Attempts: Sendable {
    private let places = Mutex<[Bool]>([])

    var all: [Bool] { places.withLock { $0 } }

    func add(_ isCopy: Bool) { places.withLock { $0.append(isCopy) } }
}
