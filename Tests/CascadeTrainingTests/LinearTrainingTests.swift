import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation
import Testing

/// Releases whose vectors have a linear autoencoder's columns behind those of the towers.
@Suite(.serialized) struct LinearTrainingTests {
    private static var settings: TrainingSettings {
        var settings = TrainingFixture.settings
        settings.retrieval.linearRank = 24
        settings.retrieval.epochs = 2
        settings.ranker.epochs = 1
        return settings
    }

    @Test func aReleaseIsSearchedByBothAndARebuildKeepsThem() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run(Self.settings)
            let numbers = try fixture.numbers(release)
            #expect(try #require(numbers["index.recall"]) >= 0.98)
            let former = try ModelBundle(folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            let linear = try #require(former.retrieval.linear)
            #expect(former.retrieval.dimension == 32 + linear.rank)
            // What users who took the same took is found: the deviation over the catalog is one.
            try Self.expectUnitDeviation(former)

            _ = try await fixture.storage.catalog.put(Item(id: ItemID("0-first"), categories: ["none"]))
            let made = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2
            ).run()
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(made.release.path))
            let rebuilt = try ModelBundle(folder: folder)
            let index = try HNSWIndex(path: folder.path(ModelBundle.FileName.index))
            #expect(index.dimension == rebuilt.retrieval.dimension)
            let (old, new) = (try Self.vectors(former), try Self.vectors(rebuilt))
            for (id, vector) in old { #expect(new[id] == vector, "\(id)") }
            #expect(try #require(new[ItemID("0-first")]).allSatisfy { $0 == 0 })
        }
    }

    @Test func theSameSeedGivesTheSameFile() async throws {
        try await TrainingFixture.with { fixture in
            var files: [Data?] = []
            for _ in 0..<2 {
                let release = try await fixture.run(Self.settings, activate: false)
                let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
                files.append(FileManager.default.contents(atPath: folder.path(LinearAutoencoder.fileName)))
            }
            #expect(files[0] != nil && files[0] == files[1])
        }
    }

    /// The linear columns of each item.
    private static func vectors(_ bundle: ModelBundle) throws -> [ItemID: [Float]] {
        let (width, rank) = (bundle.retrieval.dimension, try #require(bundle.retrieval.linear).rank)
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<bundle.rows.items.count)
        return Dictionary(
            uniqueKeysWithValues: bundle.rows.items.enumerated().map { row, item in
                (item.id, Array(vectors[((row + 1) * width - rank)..<((row + 1) * width)]))
            })
    }

    private static func expectUnitDeviation(_ bundle: ModelBundle) throws {
        let rank = try #require(bundle.retrieval.linear).rank
        let users = bundle.retrievalUsers.encode([User(id: UserID("someone"))])
        let user = try HistorySlice.lend(items: [3, 17, 40], codes: [1, 1, 1]) {
            try bundle.retrieval.userVector(users: users, row: 0, history: $0).suffix(rank)
        }
        let scores = try vectors(bundle).values.map { item in
            Double(zip(item, user).reduce(0) { $0 + $1.0 * $1.1 })
        }
        let mean = scores.reduce(0, +) / Double(scores.count)
        let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scores.count)
        #expect(abs(variance.squareRoot() - settings.retrieval.linearWeight) < 1e-3 * settings.retrieval.linearWeight)
    }
}
