import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation
import Testing

/// Interests from the database to a release and through a rebuild of it.
@Suite(.serialized) struct InterestRunTests {
    private static var settings: TrainingSettings {
        var settings = TrainingFixture.settings
        settings.interests.enabled = true
        settings.interests.clusters = 8
        settings.interests.batchSize = 256
        settings.interests.negatives = 16
        settings.interests.epochs = 2
        return settings
    }

    @Test func aReleaseHoldsClustersAndModel() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run(Self.settings)
            let numbers = try fixture.numbers(release)
            let recall = try #require(numbers["retrieval.interests.recall@50"])
            let popular = try #require(numbers["retrieval.popularity.recall@50"])
            #expect(recall > popular, "\(recall), popularity \(popular)")
            let model = try #require(numbers["interests.intent.model.logloss"])
            #expect(model < log(8), "\(model): no better than eight clusters alike")
            #expect(numbers["interests.loss"] != nil)

            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            let interests = try #require(try ModelBundle(folder: folder).interests)
            #expect(interests.clusters.count == 8)
            #expect(interests.clusters.assignments.count == 300)
            #expect(interests.settings == Self.settings.interests)

            // Truncated, the file is refused by name.
            let path = folder.path(ItemClusters.name)
            let bytes = try #require(FileManager.default.contents(atPath: path))
            try bytes.dropLast(4).write(to: URL(fileURLWithPath: path))
            #expect { try ModelBundle(folder: folder) } throws: { "\($0)".contains(ItemClusters.name) }
        }
    }

    @Test func aRebuildKeepsClustersAndAssignsNewItems() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run(Self.settings)
            func interests(_ release: Release) throws -> (bundle: ModelBundle, model: InterestModel) {
                let bundle = try ModelBundle(
                    folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
                return (bundle, try #require(bundle.interests))
            }
            let first = try interests(release)
            let new = Item(id: ItemID("0-new"), creatorID: "someone", categories: ["none"])
            _ = try await fixture.storage.catalog.put(new)
            let rebuilt = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2
            ).run()
            let second = try interests(rebuilt.release)
            #expect(second.model.clusters.assignments.count == 301)
            for (row, item) in first.bundle.rows.items.enumerated() {
                let place = try #require(second.bundle.rows.itemRow[item.id])
                #expect(second.model.clusters.assignments[Int(place)] == first.model.clusters.assignments[row])
            }
            #expect(second.model.clusters.centroids == first.model.clusters.centroids)
        }
    }
}
