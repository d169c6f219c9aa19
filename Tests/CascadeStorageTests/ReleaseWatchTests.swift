import CascadeCore
import CascadePostgres
import Testing

@testable import CascadeStorage

@Suite struct ReleaseWatchTests {
    /// Waits until the watcher says something and the active release is `id` then; false after half a minute.
    private func hears(_ id: String, _ stream: AsyncStream<Void>, _ storage: Storage) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in stream where (try? await storage.releases.activeRelease()?.id) == id { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(30))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    @Test func anActivationIsHeard() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2"])
            // No polling within the test: what is heard comes from listening.
            let stream = ReleaseWatch.stream(storage.releases, pollEvery: .seconds(3600))
            async let heard = hears("r2", stream, storage)
            try await storage.releases.activate("r1")
            try await storage.releases.activate("r2")
            #expect(await heard)
        }
    }

    @Test func aRollbackIsHeard() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            try await storage.releases.activate("r2")
            let stream = ReleaseWatch.stream(storage.releases, pollEvery: .seconds(3600))
            async let heard = hears("r1", stream, storage)
            _ = try await storage.releases.rollback()
            #expect(await heard)
        }
    }

    @Test func pollingFindsWhatNobodyAnnounced() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1"])
            let stream = ReleaseWatch.stream(storage.releases, pollEvery: .milliseconds(20))
            async let heard = hears("r1", stream, storage)
            try await storage.pool.execute("UPDATE releases SET state = 'active' WHERE release_id = 'r1'")
            #expect(await heard)
        }
    }

    @Test func listeningGoesOnAfterTheConnectionWasCut() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1"])
            let stream = ReleaseWatch.stream(storage.releases, pollEvery: .seconds(3600))
            async let heard = hears("r1", stream, storage)
            let listener: @Sendable () async throws -> [Int] = {
                try await storage.pool.query(
                    """
                    SELECT pid FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()
                    """
                ).column("pid")
            }
            while try await listener().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            for process in try await listener() {
                try await storage.pool.query("SELECT pg_terminate_backend(\(Int32(process)))")
            }
            try await storage.releases.activate("r1")
            #expect(await heard)
        }
    }

    @Test func theStreamEndsWithItsConsumer() async throws {
        try await withStorage { storage async throws in
            let consumer = Task {
                for await _ in storage.releases.activations() {}
                return true
            }
            consumer.cancel()
            #expect(await consumer.value)
        }
    }
}
