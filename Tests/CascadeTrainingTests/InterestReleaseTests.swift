import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation
import Testing

/// Releases with interests: their clusters are indexed, checked, and taken over into a rebuilt release.
@Suite struct InterestReleaseTests {
    @Test func clustersAreIndexedCheckedAndRebuilt() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 60, items: 300))
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            settings.interests.enabled = true
            settings.interests.clusters = 4
            settings.interests.epochs = 1
            settings.interests.batchSize = 256
            settings.interests.negatives = 16
            settings.interests.exactBelow = 60
            let first = try await fixture.run(settings)
            let before = try await checked(fixture, first, items: 300)
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("new")))
            let rebuilt = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory),
                settings: settings.index, threads: 2
            ).run()
            let after = try await checked(fixture, rebuilt.release, items: 301)
            // A rebuild takes where graphs begin from the present configuration.
            let exact = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory),
                settings: settings.index, threads: 2,
                exactBelow: 1000
            ).run()
            let interests = try #require(try await inspection(fixture).verify(minimumRecall: 0.9).interests)
            #expect(interests.graphs == 0 && interests.recall == 1)
            #expect(try await fixture.storage.releases.rollback()?.id == rebuilt.release.id)
            #expect(exact.recall >= 0.9)
            // What was there keeps its cluster.
            #expect(before.allSatisfy { after[$0.key] == $0.value })
            #expect(after[ItemID("new")] != nil)
            try await damaged(fixture, rebuilt.release)
        }
    }

    private func inspection(_ fixture: TrainingFixture) -> IndexInspection {
        IndexInspection(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
            releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory))
    }

    /// The cluster of each item of a release whose indexes are sound.
    private func checked(
        _ fixture: TrainingFixture, _ release: Release, items: Int
    ) async throws -> [ItemID: Int32] {
        let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
        let manifest = try folder.verify(manifestChecksum: release.manifestChecksum)
        #expect(manifest.files[ClusteredIndex.fileName] != nil)
        let bundle = try ModelBundle(folder: folder)
        let model = try #require(bundle.interests)
        let index = try ClusteredIndex(
            path: folder.path(ClusteredIndex.fileName), assignments: model.clusters.assignments,
            clusters: model.clusters.count)
        #expect(index.count == items)
        for cluster in 0..<4 as Range<Int32> {
            #expect(index.hasGraph(cluster) == (index.size(of: cluster) >= 60))
        }
        let sound = try await inspection(fixture).verify(minimumRecall: 0.9, sample: 50)
        let interests = try #require(sound.interests)
        #expect(interests.clusters == (0..<4).count { index.size(of: Int32($0)) > 0 })
        #expect(interests.graphs == (0..<4).count { index.hasGraph(Int32($0)) })
        #expect(interests.compared >= 50 && interests.queries == 60)
        #expect((0.9...1).contains(interests.recall))
        return Dictionary(uniqueKeysWithValues: zip(bundle.rows.items.map(\.id), model.clusters.assignments))
    }

    /// A file that was altered behind its checksum.
    private func damaged(_ fixture: TrainingFixture, _ release: Release) async throws {
        let file = fixture.directory.appendingPathComponent(release.path)
            .appendingPathComponent(ClusteredIndex.fileName)
        let bytes = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
        try bytes.dropLast(1000).write(to: file)
        await #expect {
            try await inspection(fixture).verify(minimumRecall: 0.9)
        } throws: { error in
            guard case .indexUnsound(let reason)? = error as? TrainingError else { return false }
            return reason.contains(ClusteredIndex.fileName)
        }
    }
}
