import CascadeCore
import CascadeModels
import CascadePipeline
import Foundation
import Synchronization
import Testing

@testable import CascadeServing

/// A database that knows one release.
private final class OneRelease: ReleaseStore {
    private let active = Mutex<Release?>(nil)
    private let shadow = Mutex<Release?>(nil)

    func setShadow(_ release: Release?) { shadow.withLock { $0 = release } }

    func shadowRelease() async throws -> Release? { shadow.withLock { $0 } }

    func set(_ release: Release?) { active.withLock { $0 = release } }

    func activeRelease() async throws -> Release? { active.withLock { $0 } }
    func release(_ id: String) async throws -> Release? { active.withLock { $0?.id == id ? $0 : nil } }
    func releases() async throws -> [Release] { active.withLock { [$0].compactMap { $0 } } }
    func register(_ release: Release, models: [ModelVersion], report: String?) async throws { set(release) }
    func report(of id: String) async throws -> String? { nil }
    func activate(_ id: String) async throws {}
    func rollback() async throws -> Release? { nil }
    func modelVersion(_ id: String) async throws -> ModelVersion? { nil }
    func activations() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}

@Suite struct ReleaseFollowerTests {
    private func follower(
        _ store: OneRelease, _ holder: ReleaseHolder, _ changes: MemoryChanges, _ pool: ComputePool
    ) -> ReleaseFollower {
        ReleaseFollower(
            releases: store, catalog: changes,
            artifacts: DirectoryArtifacts(
                FileManager.default.temporaryDirectory.appendingPathComponent("no-releases-here")),
            configHash: "c0ffee", holder: holder, pool: pool, logger: ServingFixture.quiet)
    }

    @Test func aReleaseThatCannotBeLoadedLeavesTheFormerServed() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        holder.swap(try ServingFixture().snapshot())
        let follower = follower(store, holder, MemoryChanges(), pool)
        store.set(ServingFixture.release("rel_2"))
        await follower.refresh()
        #expect(holder.current?.stamp.releaseID == "rel_1")
        #expect(try #require(holder.problem).contains("rel_2"))
        // The former one activated again is the one that is served: nothing is wrong any more.
        store.set(ServingFixture.release("rel_1"))
        await follower.refresh()
        #expect(holder.current?.stamp.releaseID == "rel_1")
        #expect(holder.problem == nil)
    }

    @Test func aTunedEffortIsTakenOverWithWhatCameSince() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        let fixture = try ServingFixture()
        let before = try fixture.snapshot([.put(ServingFixture.item(700))])
        holder.swap(before)
        store.set(ServingFixture.release("rel_1", efSearch: 33))
        await follower(store, holder, MemoryChanges(), pool).refresh()
        let after = try #require(holder.current)
        #expect(after.searchEffort == 33 && before.searchEffort == 64)
        #expect(after.loaded === before.loaded)
        #expect(after.delta.servedCount == 1)
    }

    @Test func factorsOfHeadsAreTakenOver() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        let before = try ServingFixture().snapshot()
        holder.swap(before)
        var release = ServingFixture.release("rel_1")
        release.headFactors = HeadFactors(version: 3, factors: ["click": 2], note: "", createdAt: .now)
        store.set(release)
        await follower(store, holder, MemoryChanges(), pool).refresh()
        let after = try #require(holder.current)
        #expect(after.headFactors == release.headFactors && before.headFactors == nil)
        #expect(after.loaded === before.loaded)
        // They hold for what is served also while a newer release cannot be loaded.
        var missing = ServingFixture.release("rel_2")
        missing.headFactors = HeadFactors(version: 4, factors: [:], note: "", createdAt: .now)
        store.set(missing)
        await follower(store, holder, MemoryChanges(), pool).refresh()
        #expect(holder.current?.stamp.releaseID == "rel_1" && holder.problem != nil)
        #expect(holder.current?.headFactors?.version == 4)
    }

    /// What heads count for is followed too, and once there is no shadow any more, nothing of it is held.
    @Test func aShadowIsFollowedUntilItEnds() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        holder.swap(try ServingFixture().snapshot())
        let follower = ReleaseFollower(
            .shadow, releases: store, catalog: MemoryChanges(),
            artifacts: DirectoryArtifacts(
                FileManager.default.temporaryDirectory.appendingPathComponent("no-releases-here")),
            configHash: "c0ffee", holder: holder, pool: pool, logger: ServingFixture.quiet)
        // The active release is none of its business.
        store.set(ServingFixture.release("rel_9"))
        var shadow = ServingFixture.release("rel_1")
        shadow.shadowShare = 0.25
        shadow.headFactors = HeadFactors(version: 3, factors: ["click": 2], note: "", createdAt: .now)
        store.setShadow(shadow)
        await follower.refresh()
        #expect(holder.current?.stamp.releaseID == "rel_1" && holder.problem == nil)
        #expect(holder.current?.release.shadowShare == 0.25 && holder.current?.headFactors?.version == 3)
        store.setShadow(nil)
        await follower.refresh()
        #expect(holder.current == nil && holder.problem == nil)
        // One that cannot be loaded is none.
        store.setShadow(ServingFixture.release("rel_2"))
        await follower.refresh()
        #expect(holder.current == nil)
        #expect(try #require(holder.problem).contains("rel_2"))
    }

    /// How far behind the catalog a server may be is told from its first look on, and grows while the database is away.
    @Test func howFarItIsBehindIsTold() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        let follower = follower(store, holder, MemoryChanges(), pool)
        await follower.follow()
        #expect(holder.catalogLag == nil, "there is nothing to keep up yet")
        holder.markFollowed(at: .now - .seconds(7))
        #expect(try #require(holder.catalogLag) >= 7)
        await follower.follow()
        #expect(try #require(holder.catalogLag) >= 7, "still nothing is followed")
    }

    @Test func withoutAReleaseNothingIsServed() async throws {
        let pool = ComputePool(threads: 1)
        defer { pool.shutdown() }
        let (store, holder) = (OneRelease(), ReleaseHolder())
        let follower = follower(store, holder, MemoryChanges(), pool)
        await follower.refresh()
        await follower.follow()
        #expect(holder.current == nil && holder.problem == nil)
    }
}
