import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation
import Testing

/// Releases whose ranker is the mean over several seeds.
@Suite(.serialized) struct RankerSeedTests {
    @Test func aReleaseHoldsARankerASeedAndARebuildKeepsThem() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            settings.ranker.epochs = 1
            let one = try fixture.numbers(try await fixture.run(settings, activate: false))
            settings.ranker.seeds = 3
            let release = try await fixture.run(settings)
            let three = try fixture.numbers(release)
            let head = try #require(one.keys.first { $0.hasSuffix(".logloss") && $0.contains("click") })
            let (alone, together) = (try #require(one[head]), try #require(three[head]))
            #expect(together < alone)
            let rebuilt = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2
            ).run().release
            for made in [release, rebuilt] {
                let folder = ArtifactFolder(fixture.directory.appendingPathComponent(made.path))
                let manifest = try folder.verify(manifestChecksum: made.manifestChecksum)
                let files = (0..<3).map { manifest.files[ModelBundle.FileName.ranker($0)]?.sha256 }
                #expect(Set(files.compactMap(\.self)).count == 3)
                #expect(try ModelBundle(folder: folder).ranker != nil)
            }
        }
    }
}
