import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Testing

@Suite struct StorageTests {
    @Test func countsAreThoseOfTheTables() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.hasItems() == false)
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            _ = try await storage.catalog.put(Item(id: ItemID("b"), hidden: true))
            _ = try await storage.catalog.put(User(id: UserID("u")))
            _ = try await storage.feedback.append([makeImpression("p", "u", "a", 5), makeImpression("p", "u", "b", 5)])
            _ = try await storage.feedback.append([makeEvent("e", "click", "u", "a", 9)])
            #expect(
                try await storage.counts()
                    == CatalogCounts(
                        users: 1, items: 2, hiddenItems: 1, impressions: 2, events: 1, latestFeedbackAt: at(9)))
            #expect(try await storage.hasItems())
        }
    }

    @Test func anEmptyDatabaseSaysWhatToRun() async throws {
        try await TestDatabase.with { database async throws in
            let storage = Storage(pool: database.pool)
            for error in [
                await storageError { _ = try await storage.catalog.items() },
                await storageError { _ = try await storage.feedback.interactions(in: Period()) },
                await storageError { _ = try await storage.releases.activeRelease() },
                await storageError { _ = try await storage.hasItems() },
            ] {
                guard case .schemaNotMigrated = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(error?.description.contains("cascade db migrate") == true)
                #expect(error?.isUnavailable == false)
            }
        }
    }

    @Test func migratingMakesTheSchemaOnce() async throws {
        try await TestDatabase.with { database async throws in
            let storage = Storage(pool: database.pool)
            let pending = try await storage.migrationStatus(directory: TestDatabase.repositoryMigrations)
            #expect(!pending.isEmpty && pending.allSatisfy { $0.state == .pending })
            let applied = try await storage.migrate(directory: TestDatabase.repositoryMigrations)
            #expect(applied.map(\.version) == pending.map(\.version))
            #expect(try await storage.migrate(directory: TestDatabase.repositoryMigrations).isEmpty)
            #expect(try await storage.catalog.items().isEmpty)
        }
    }

    @Test func aServerThatIsAwayIsUnavailable() async throws {
        let storage = try Storage(
            url: "postgresql://nobody:secret@127.0.0.1:1/nothing",
            options: PostgresPool.Options(maximumConnections: 1, leaseTimeout: .milliseconds(50)))
        let error = await storageError { _ = try await storage.hasItems() }
        #expect(error?.isUnavailable == true)
        #expect(error?.description.contains("secret") == false)
        storage.close()
        let closed = await storageError { _ = try await storage.hasItems() }
        #expect(closed == .unavailable(.poolClosed))
    }

    @Test func aBadAddressIsNoOutage() {
        #expect {
            _ = try Storage(url: "postgresql://host:notaport/x")
        } throws: { error in
            (error as? StorageError)?.isUnavailable == false
        }
    }

    @Test func aCancelledCallIsACancellation() async throws {
        try await withStorage { storage async throws in
            let call = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await storage.catalog.items()
            }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
    }
}
