import CascadeCore
import CascadeTestSupport
import Testing

@testable import CascadeStorage

/// Which release is scored beside the active one.
@Suite struct ShadowReleaseTests {
    @Test func oneReleaseIsTheShadowUntilItEnds() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2", "r3"])
            let releases = storage.releases
            try await releases.activate("r1")
            #expect(try await releases.shadowRelease() == nil)
            #expect(try await releases.endShadow() == nil)
            try await releases.shadow("r2", share: 0.25)
            #expect(try await releases.shadowRelease()?.id == "r2")
            #expect(try await releases.release("r2")?.shadowShare == 0.25)
            // Another takes its place.
            try await releases.shadow("r3", share: 1)
            #expect(try await releases.shadowRelease()?.id == "r3")
            #expect(try await releases.release("r2")?.shadowShare == nil)
            #expect(try await releases.activeRelease()?.id == "r1")
            #expect(try await releases.endShadow() == "r3")
            #expect(try await releases.shadowRelease() == nil)
        }
    }

    @Test func aShadowThatIsActivatedIsOneNoMore() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            try await storage.releases.shadow("r2", share: 0.5)
            try await storage.releases.activate("r2")
            #expect(try await storage.releases.shadowRelease() == nil)
            #expect(try await storage.releases.activeRelease()?.id == "r2")
            // The former active one can be it now.
            try await storage.releases.shadow("r1", share: 0.5)
            #expect(try await storage.releases.rollback()?.id == "r1")
            #expect(try await storage.releases.shadowRelease() == nil)
        }
    }

    @Test func whatCannotBeAShadowIsRefused() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            await #expect(throws: StorageError.releaseNotServable(id: "r1")) {
                try await storage.releases.shadow("r1", share: 0.5)
            }
            await #expect(throws: StorageError.unknownRelease(id: "r9")) {
                try await storage.releases.shadow("r9", share: 0.5)
            }
            for share in [0, -0.1, 1.5, Double.nan] {
                await #expect(throws: StorageError.self, "\(share)") {
                    try await storage.releases.shadow("r2", share: share)
                }
            }
            #expect(try await storage.releases.shadowRelease() == nil)
        }
    }

    @Test func aShadowIsNotCleanedAway() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2", "r3"])
            try await storage.releases.activate("r1")
            try await storage.releases.shadow("r2", share: 0.5)
            let removed = try await storage.releases.removeUnneeded(
                keeping: 0, madeBefore: Timestamp.now.adding(seconds: 60), dryRun: false)
            #expect(removed.map(\.id) == ["r3"])
            await #expect(throws: StorageError.releaseNotServable(id: "r3")) {
                try await storage.releases.shadow("r3", share: 0.5)
            }
        }
    }

    /// A server that shares out requests hears of it as of an activation.
    @Test func serversAreTold() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1", "r2"])
            try await storage.releases.activate("r1")
            var changes = storage.releases.activations().makeAsyncIterator()
            _ = await changes.next()
            try await storage.releases.shadow("r2", share: 0.5)
            _ = await changes.next()
            #expect(try await storage.releases.shadowRelease()?.id == "r2")
        }
    }
}
