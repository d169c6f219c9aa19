import CascadeCore
import CascadeData
import CascadeModels
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation
import Testing

/// A user who was removed is in no later training: it gives what it gives where the user never was.
@Suite(.serialized) struct ErasureTrainingTests {
    @Test func theNextTrainingHoldsNothingOfTheUser() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            let storage = fixture.storage
            var world = WorldSettings()
            world.users = 120
            world.items = 100
            world.impressions = 5000
            world.days = 20
            world.interests = 4
            let whole = Self.batch(of: try GeneratedWorld(world))
            let victim = try #require(Self.busiest(whole))
            try await storage.importSink.declare(
                attributes: GeneratedWorld.attributeDefinitions, signals: GeneratedWorld.signals)
            _ = try await storage.importSink.write(Self.part(of: whole) { $0 != victim })
            let without = try await fixture.run(Self.settings, until: world.end, activate: false)
            _ = try await storage.importSink.write(Self.part(of: whole) { $0 == victim })
            let with = try await fixture.run(Self.settings, until: world.end)
            #expect(try await Self.sums(fixture, with) != Self.sums(fixture, without))

            let erased = try #require(try await storage.eraser.erase(victim))
            #expect(erased.releaseID == with.id)
            #expect(erased.remains.contains(.interactions))
            #expect(erased.deletedRows["impressions"] == whole.impressions.count { $0.userID == victim })
            let next = try await fixture.run(Self.settings, until: world.end)
            #expect(try await Self.sums(fixture, next) == Self.sums(fixture, without))
            // Once that is served, nothing is left to be told.
            #expect(try await storage.eraser.erase(victim) == nil)
            let files = try FileManager.default.contentsOfDirectory(
                at: fixture.directory.appendingPathComponent(next.path), includingPropertiesForKeys: nil)
            #expect(files.count > 3)
            for file in files {
                #expect(
                    try Data(contentsOf: file).range(of: Data("\"\(victim)\"".utf8)) == nil, "\(file.lastPathComponent)"
                )
            }
        }
    }

    private static var settings: TrainingSettings {
        var settings = TrainingFixture.settings
        settings.retrieval.userID = true
        settings.retrieval.epochs = 1
        settings.ranker.epochs = 1
        return settings
    }

    /// The checksums of both models and of what was counted beside them.
    private static func sums(_ fixture: TrainingFixture, _ release: Release) async throws -> [String?] {
        let folder = fixture.directory.appendingPathComponent(release.path)
        let map = try Data(contentsOf: folder.appendingPathComponent("feature_map.json"))
        return [
            try await fixture.storage.releases.modelVersion(release.retrievalModelID)?.checksum,
            try await fixture.storage.releases.modelVersion(release.rankerModelID ?? "")?.checksum,
            map.base64EncodedString(),
        ]
    }

    private static func batch(of world: GeneratedWorld) -> ImportBatch {
        var whole = ImportBatch()
        world.forEachBatch { batch in
            whole.users += batch.users
            whole.items += batch.items
            whole.relations += batch.relations
            whole.impressions += batch.impressions
            whole.events += batch.events
            return true
        }
        return whole
    }

    private static func busiest(_ batch: ImportBatch) -> UserID? {
        Dictionary(grouping: batch.events, by: \.userID).max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?
            .key
    }

    /// All items, and what concerns some of the users.
    private static func part(of batch: ImportBatch, _ isWanted: (UserID) -> Bool) -> ImportBatch {
        var part = ImportBatch()
        part.items = batch.items
        part.users = batch.users.filter { isWanted($0.id) }
        part.relations = batch.relations.filter { isWanted($0.userID) }
        part.impressions = batch.impressions.filter { isWanted($0.userID) }
        part.events = batch.events.filter { isWanted($0.userID) }
        return part
    }
}
