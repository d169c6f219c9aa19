import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import CascadeTraining
import Foundation
import Testing

@Suite(.serialized) struct TrainingRunTests {
    @Test func aRunMakesAnActiveReleaseThatBeatsPopularity() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run()
            #expect(release.state == .active)
            #expect(try await fixture.storage.releases.activeRelease()?.id == release.id)
            let numbers = try fixture.numbers(release)
            let found = try #require(numbers["retrieval.two_tower.recall@50"])
            let popular = try #require(numbers["retrieval.popularity.recall@50"])
            #expect(found > popular, "two towers \(found), popularity \(popular)")
            let head = try #require(numbers.keys.first { $0.hasSuffix(".auc") && $0.contains("click") })
            #expect(try #require(numbers[head]) > 0.6)
            #expect(try #require(numbers["index.recall"]) >= 0.98)
            let told = try #require(try await fixture.storage.releases.report(of: release.id))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let report = try decoder.decode(ReleaseReport.self, from: Data(told.utf8))
            #expect(report.curves.map(\.model).contains("retrieval") && report.curves.count >= 2)
            #expect(report.curves.allSatisfy { $0.points.map(\.step) == $0.points.map(\.step).sorted() })
            #expect(report.reliability.contains { $0.head == "click" && $0.served.bins.count > 1 })
            #expect(report.popularity.contains { $0.name == "two_tower" && $0.popularity.deciles.count == 10 })
            let model = try #require(try await fixture.storage.releases.modelVersion(release.retrievalModelID))
            #expect(model.dataPeriod.until == TrainingFixture.split)
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
            _ = try folder.verify(manifestChecksum: release.manifestChecksum)
        }
    }

    @Test func theSameSeedAndThreadsGiveTheSameBits() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            settings.ranker.epochs = 1
            let one = try await fixture.run(settings, activate: false)
            let two = try await fixture.run(settings, activate: false)
            settings.seed = 9
            let other = try await fixture.run(settings, activate: false)
            func sums(_ release: Release) async throws -> [String?] {
                [
                    try await fixture.storage.releases.modelVersion(release.retrievalModelID)?.checksum,
                    try await fixture.storage.releases.modelVersion(release.rankerModelID ?? "")?.checksum,
                ]
            }
            let first = try await sums(one)
            let second = try await sums(two)
            let third = try await sums(other)
            #expect(first == second)
            #expect(first != third)
            #expect(try await fixture.storage.releases.activeRelease() == nil)
        }
    }

    @Test func nothingToTrainOnIsSaidClearly() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            await #expect { try await fixture.run() } throws: { "\($0)".contains("no interactions") }
            let written = try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path)
            #expect(written.isEmpty)
        }
    }

    /// Clicks alone do not tell what was not wanted: the release finds items and leaves their order to the sources.
    @Test func eventsAloneMakeAReleaseWithoutARanker() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 60, items: 200))
            let release = try await fixture.run()
            #expect(release.rankerModelID == nil)
            let numbers = try fixture.numbers(release)
            #expect(numbers.keys.allSatisfy { !$0.hasPrefix("ranker") })
            let found = try #require(numbers["retrieval.two_tower.recall@50"])
            #expect(found > 0.9)
            let rebuild = IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2)
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("new")))
            let rebuilt = try await rebuild.run()
            #expect(rebuilt.release.rankerModelID == nil)
            #expect(rebuilt.items == 201)
            #expect(try await fixture.storage.releases.activeRelease() == rebuilt.release)
        }
    }

    @Test func oneEventIsEnoughForARelease() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 1, items: 1).suffix(1))
            let release = try await fixture.run(until: nil)
            #expect(release.state == .active)
        }
    }

    @Test func anIndexThatFindsTooLittleIsNotServed() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.index.minimumRecall = 1
            settings.index.efSearch = 1
            settings.index.m = 2
            settings.index.efConstruction = 4
            settings.retrieval.epochs = 1
            settings.ranker.epochs = 1
            await #expect { try await fixture.run(settings) } throws: { "\($0)".contains("not activated") }
            let active = try await fixture.storage.releases.activeRelease()
            #expect(active == nil)
        }
    }

    @Test func aRebuildTakesNewItemsIntoANewRelease() async throws {
        try await TrainingFixture.with { fixture in
            let first = try await fixture.run()
            let item = Item(id: ItemID("brand-new"), creatorID: "someone", categories: ["none"])
            _ = try await fixture.storage.catalog.put(item)
            var settings = IndexSettings()
            settings.storage = .int8
            let rebuild = IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory),
                settings: settings, threads: 2)
            let made = try await rebuild.run()
            #expect(made.items == 301)
            #expect(made.recall >= 0.98)
            #expect(made.release.id != first.id)
            #expect(made.release.rankerModelID == first.rankerModelID)
            #expect(try await fixture.storage.releases.activeRelease()?.id == made.release.id)
            let folder = ArtifactFolder(fixture.directory.appendingPathComponent(made.release.path))
            #expect(try HNSWIndex(path: folder.path(ModelBundle.FileName.index)).parameters.storage == .int8)
            let bundle = try ModelBundle(folder: folder)
            #expect(bundle.rows.itemRow[item.id] != nil)
            #expect(try await fixture.storage.releases.rollback()?.id == first.id)
        }
    }

    @Test func aRebuildLeavesOutWhatWasDeleted() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            // Items that only events name are in no catalog and stay, until they were in it and are deleted.
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 20, items: 40))
            _ = try await fixture.storage.catalog.put(Item(id: ItemID("i1")))
            _ = try await fixture.run()
            try await fixture.storage.pool.execute("DELETE FROM items")
            let rebuild = IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 1)
            #expect(try await rebuild.run().items == 39)
        }
    }

    @Test func rollingPastsSeeMoreThanFrozenOnes() async throws {
        try await TrainingFixture.with { fixture in
            let release = try await fixture.run()
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let users = try await fixture.storage.catalog.users()
            func run(_ mode: HistoryMode) throws -> [HeadMetrics] {
                try EvaluationRun.evaluate(
                    bundle, log: log, users: users, heldOut: .period(Period(from: TrainingFixture.split)), history: mode
                ).heads
            }
            let frozen = try run(.frozen)
            let rolling = try run(.rolling)
            #expect(frozen.map(\.figures.rows) == rolling.map(\.figures.rows))
            #expect(frozen.first?.figures.auc != rolling.first?.figures.auc)
            #expect(throws: TrainingError.self) {
                try EvaluationRun.evaluate(bundle, log: log, users: users, heldOut: .period(Period()), history: .frozen)
            }
            #expect {
                try EvaluationRun.evaluate(
                    bundle, log: log, users: users, heldOut: .period(Period(from: TrainingFixture.split)),
                    history: .frozen,
                    signal: "applause")
            } throws: { "\($0)".contains("applause") }
            let future = Period(from: TrainingFixture.split.adding(seconds: 86_400_000))
            #expect(throws: TrainingError.nothingToEvaluate) {
                try EvaluationRun.evaluate(bundle, log: log, users: users, heldOut: .period(future), history: .frozen)
            }
        }
    }
}
