import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

/// Training that goes on from the active release with what came since.
@Suite(.serialized) struct WarmStartTests {
    private static let until = TrainingFixture.split.adding(seconds: -4 * 86_400)

    private static func run(
        _ fixture: TrainingFixture, until: Timestamp = TrainingFixture.split, warm: Bool = true,
        _ change: (inout TrainingSettings) -> Void = { _ in }
    ) async throws -> Release {
        var settings = TrainingFixture.settings
        change(&settings)
        return try await TrainingRun(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, releases: fixture.storage.releases,
            artifacts: DirectoryArtifacts(fixture.directory), settings: settings, report: { _ in }
        ).run(Period(until: until), warm: warm)
    }

    /// It is better than what it went on from, and of what came since alone: with no smaller steps it would go far.
    @Test func itLearnsFromWhatCameSince() async throws {
        try await TrainingFixture.with { fixture in
            let first = try await Self.run(fixture, until: Self.until, warm: false)
            let second = try await Self.run(fixture)
            #expect(second.state == .active && second.id != first.id)
            let model = try #require(try await fixture.storage.releases.modelVersion(second.retrievalModelID))
            #expect(model.parentID == first.retrievalModelID)
            let (before, after) = (try Self.bundle(fixture, first), try Self.bundle(fixture, second))
            #expect(before.map.fittedUntil < Self.until.microseconds)
            #expect(after.map.fittedUntil >= Self.until.microseconds)
            #expect(after.map.fittedUntil < TrainingFixture.split.microseconds)
            // The features are those of the first.
            var map = after.map
            map.fittedUntil = before.map.fittedUntil
            #expect(map == before.map)
            // Both are measured on the same days: the first on what came after the second's period.
            let evaluated = try await fixture.evaluate(before, from: TrainingFixture.split)
            let numbers = try fixture.numbers(second)
            let auc = try #require(numbers.keys.first { $0.hasPrefix("ranker.click") && $0.hasSuffix(".auc") })
            let (old, new) = (try #require(evaluated[auc]), try #require(numbers[auc]))
            #expect(new > old - 0.01, "AUC \(old), then \(new)")
            // And what it learned in one epoch of four days is no longer what it was.
            #expect(
                try await fixture.storage.releases.modelVersion(first.retrievalModelID)?.checksum != model.checksum)
        }
    }

    @Test func withNothingNewThereIsNothingToLearn() async throws {
        try await TrainingFixture.with { fixture in
            _ = try await Self.run(fixture, until: Self.until, warm: false) {
                $0.retrieval.epochs = 1
                $0.ranker.epochs = 1
            }
            await #expect {
                try await Self.run(fixture, until: Self.until) { $0.warmOverlapMinutes = 0 }
            } throws: {
                "\($0)".contains("no interactions after what release")
            }
        }
    }

    @Test func otherModelsAndFeaturesAreRefused() async throws {
        try await TrainingFixture.with { fixture in
            await #expect(throws: TrainingError.noActiveRelease) { try await Self.run(fixture) }
            let release = try await Self.run(fixture, until: Self.until, warm: false) {
                $0.retrieval.epochs = 1
                $0.ranker.epochs = 1
            }
            let changes: [(String, @Sendable (inout TrainingSettings) -> Void)] = [
                ("features.history_length", { $0.features.historyLength += 1 }),
                ("retrieval.dimension", { $0.retrieval.dimension = 16 }),
                ("ranker.deep", { $0.ranker.deep = [40, 20] }),
                ("ranker.teachers", { $0.ranker.teachers = 1 }),
                ("ranker.towers", { $0.ranker.towers = .product }),
            ]
            for (word, change) in changes {
                await #expect("\(word)") { try await Self.run(fixture, change) } throws: { error in
                    guard case .notWarm(release.id, let reason) = error as? TrainingError else { return false }
                    return reason.contains(word)
                }
            }
            #expect(try await fixture.storage.releases.activeRelease()?.id == release.id)
        }
    }

    private static func bundle(_ fixture: TrainingFixture, _ release: Release) throws -> ModelBundle {
        try ModelBundle(folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
    }

    // MARK: examples

    /// Rows that were learned from are no targets, and their users' pasts all the same.
    @Test(arguments: ["features", "sasrec"]) func whatWasLearnedIsNoTarget(tower: String) throws {
        let settings = RetrievalTrainerTests.settings { $0.userTower = tower }
        let whole = try RetrievalTrainerTests.data(settings)
        var map = whole.map
        // Of twelve steps a minute apart the last four are new.
        map.fittedUntil = 7 * 60_000_000
        let data = try RetrievalTrainerTests.data(settings, map: map)
        #expect(data.map.fittedUntil == 11 * 60_000_000)
        #expect((0..<data.log.count).count { data.isExample($0) } == 80 * 4)
        #expect((0..<data.log.count).allSatisfy(data.withoutWhatWasLearned().isExample))
        let weight = TargetWeight(settings, data.log)
        let examples: any RetrievalExamples =
            tower == "sasrec"
            ? NextItemExamples(data, weight: weight) : LeaveOneOutExamples(data, weight: weight, strangers: 0)
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        assembler.begin()
        var targets = RetrievalTargets()
        var random = SeededRandom(seed: 1)
        var rows: [Int] = []
        for example in 0..<examples.count {
            examples.add(example, data, to: assembler, targets: &targets, random: &random)
            rows += Array(examples.rows(of: example))
        }
        #expect(rows.count == targets.weights.count)
        let counted = zip(rows, targets.weights).filter { $0.1 > 0 }.map(\.0)
        #expect(counted.allSatisfy(data.isExample))
        #expect(counted.count == 80 * 4)
    }
}
