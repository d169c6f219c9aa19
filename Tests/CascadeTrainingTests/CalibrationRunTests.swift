import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

@Suite(.serialized) struct CalibrationRunTests {
    private static let day = TrainingFixture.split.adding(seconds: 86_400)

    private static func run(_ fixture: TrainingFixture) -> CalibrationRun {
        CalibrationRun(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, releases: fixture.storage.releases,
            artifacts: DirectoryArtifacts(fixture.directory))
    }

    private static func wish(_ method: CalibrationMethod = .platt) -> CalibrationRun.Wish {
        var wish = CalibrationRun.Wish(period: Period(from: TrainingFixture.split, until: day))
        wish.method = method
        return wish
    }

    private static func bundle(_ fixture: TrainingFixture, _ release: Release) throws -> ModelBundle {
        let folder = ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
        _ = try folder.verify(manifestChecksum: release.manifestChecksum)
        return try ModelBundle(folder: folder)
    }

    private static func evaluated(_ fixture: TrainingFixture, _ bundle: ModelBundle) async throws -> EvaluationReport {
        try EvaluationRun.evaluate(
            bundle, log: try await fixture.storage.feedback.interactions(in: Period()),
            users: try await fixture.storage.catalog.users(), heldOut: .period(Period(from: day)), history: .rolling,
            baselines: [])
    }

    @Test func aCalibratedReleaseServesOtherProbabilitiesInTheSameOrder() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            let first = try await fixture.run(settings)
            try await fixture.storage.releases.setSearchEffort(123, of: first.id)
            let made = try await Self.run(fixture).run(Self.wish())
            #expect(made.release.state == .active && made.release.id != first.id)
            #expect(try await fixture.storage.releases.activeRelease()?.id == made.release.id)
            #expect(made.release.rankerModelID == first.rankerModelID && made.release.efSearch == 123)
            let numbers = try fixture.numbers(made.release)
            #expect(numbers["index.recall"] == (try fixture.numbers(first))["index.recall"])
            #expect(numbers.keys.allSatisfy { !$0.hasPrefix("ranker.") })
            let heads = try Self.bundle(fixture, first).map.heads
            #expect(made.heads.map(\.head) == heads)
            for head in made.heads {
                let (fitted, before) = (try #require(head.calibrated.logLoss), try #require(head.raw.logLoss))
                #expect(fitted <= before + 1e-6)
                #expect(numbers["calibration.\(head.head).ece"] == head.calibrated.reliability.error)
                #expect(head.rows > head.positives && head.positives > 0)
            }
            // The other files are the same, and the new one is in the manifest.
            func manifest(_ release: Release) throws -> Manifest {
                try ArtifactFolder(fixture.directory.appendingPathComponent(release.path))
                    .verify(manifestChecksum: release.manifestChecksum)
            }
            var files = try manifest(made.release).files
            #expect(files.removeValue(forKey: RankerCalibration.fileName) != nil)
            #expect(try files == manifest(first).files)

            let raw = try await Self.evaluated(fixture, try Self.bundle(fixture, first))
            let served = try await Self.evaluated(fixture, try Self.bundle(fixture, made.release))
            for (before, after) in zip(raw.heads, served.heads) {
                #expect(before.raw == nil)
                #expect(after.raw?.logLoss == before.figures.logLoss)
                #expect(after.raw?.reliability == before.figures.reliability)
                // A line changes no order.
                #expect(abs(try #require(after.figures.auc) - (try #require(before.figures.auc))) < 1e-6)
                #expect(after.figures.logLoss != before.figures.logLoss)
            }
            #expect(served.numbers["ranker.click.raw.ece"] == raw.numbers["ranker.click.ece"])

            // A rebuild keeps it; another calibration replaces it, and none takes it away.
            let rebuilt = try await IndexRebuild(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback,
                releases: fixture.storage.releases, artifacts: DirectoryArtifacts(fixture.directory), settings: .init(),
                threads: 2
            ).run()
            #expect(try Self.bundle(fixture, rebuilt.release).calibration != nil)
            let isotonic = try await Self.run(fixture).run(Self.wish(.isotonic), activate: false)
            #expect(isotonic.release.state == .ready)
            #expect(try await fixture.storage.releases.activeRelease()?.id == rebuilt.release.id)
            let calibration = try #require(try Self.bundle(fixture, isotonic.release).calibration)
            #expect(calibration.heads.allSatisfy { $0.calibrator is IsotonicCalibrator })
            // Fitted on what the ranker itself says, not on what was calibrated before.
            #expect(isotonic.heads.map(\.raw) == made.heads.map(\.raw))
            var none = Self.wish(.none)
            none.heads = nil
            let plain = try await Self.run(fixture).run(none, of: made.release)
            let back = try await Self.evaluated(fixture, try Self.bundle(fixture, plain.release))
            #expect(back.heads.map(\.figures) == raw.heads.map(\.figures))
        }
    }

    @Test func onlyTheNamedHeadsAreCalibrated() async throws {
        try await TrainingFixture.with { fixture in
            let first = try await fixture.run()
            var wish = Self.wish()
            wish.heads = ["click"]
            wish.history = .frozen
            let made = try await Self.run(fixture).run(wish, of: first, activate: false)
            let calibration = try #require(try Self.bundle(fixture, made.release).calibration)
            for one in calibration.heads { #expect((one.calibrator is PlattCalibrator) == (one.head == "click")) }
            wish.heads = ["applause"]
            await #expect {
                try await Self.run(fixture).run(wish)
            } throws: { "\($0)".contains("no head 'applause'; it has ") }
        }
    }

    @Test func whatCannotBeCalibratedIsSaidAndLeavesNothing() async throws {
        try await TrainingFixture.with { fixture in
            let run = Self.run(fixture)
            await #expect(throws: TrainingError.noActiveRelease) { try await run.run(Self.wish()) }
            let release = try await fixture.run()
            func refuses(_ from: Timestamp?, _ until: Timestamp?, _ text: String) async {
                await #expect {
                    try await run.run(CalibrationRun.Wish(period: Period(from: from, until: until)))
                } throws: { "\($0)".contains(text) }
            }
            await refuses(nil, Self.day, "--from and --until")
            await refuses(TrainingFixture.split, nil, "--from and --until")
            await refuses(Self.day, TrainingFixture.split, "--from must be before --until")
            await refuses(Self.day, Self.day, "--from must be before --until")
            let future = TrainingFixture.split.adding(seconds: 86_400_000)
            await refuses(future, future.adding(seconds: 10), "there is no impression")
            // One impression has one outcome.
            let log = try await fixture.storage.feedback.interactions(in: Period(from: TrainingFixture.split))
            let row = try #require((0..<log.count).first { log.isImpression[$0] })
            let moment = Timestamp(microseconds: log.time[row])
            await refuses(moment, Timestamp(microseconds: log.time[row] + 1), "both outcomes are needed")
            await refuses(moment, Timestamp(microseconds: log.time[row] + 1), "cannot be calibrated on this stretch")
            #expect(try await fixture.storage.releases.releases().map(\.id) == [release.id])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path) == [release.id])
            // An altered release is refused before anything is made of it.
            let path = fixture.directory.appendingPathComponent(release.path)
                .appendingPathComponent(ModelBundle.FileName.ranker)
            var data = try Data(contentsOf: path)
            data[data.count / 2] ^= 1
            try data.write(to: path)
            await refuses(TrainingFixture.split, Self.day, ModelBundle.FileName.ranker)
            #expect(try await fixture.storage.releases.releases().count == 1)
        }
    }

    @Test func aReleaseWithoutARankerHasNothingToCalibrate() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 20, items: 40))
            let release = try await fixture.run()
            await #expect(throws: TrainingError.noRanker(release: release.id)) {
                try await Self.run(fixture).run(Self.wish())
            }
        }
    }
}
