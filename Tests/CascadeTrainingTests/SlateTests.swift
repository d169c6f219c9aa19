import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation
import Testing

@testable import CascadeTraining

/// Slates of the ranker over the candidates of one source and of two.
@Suite(.serialized) struct SlateTests {
    @Test func turnsTakeEachItemOnceUntilThereIsEnough() {
        #expect(SlateEvaluation.turns([1, 2, 3, 4], [2, 5, 1, 6], 4) == [1, 2, 5, 3])
        #expect(SlateEvaluation.turns([1, 2], [2, 1], 4) == [1, 2])
        #expect(SlateEvaluation.turns([], [7, 8], 1) == [7])
    }

    @Test func whatCannotBeRankedIsSaid() async throws {
        try await TrainingFixture.with(world: nil) { fixture in
            _ = try await fixture.storage.feedback.append(TrainingFixture.clicks(users: 20, items: 40))
            let release = try await fixture.run()
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            func slates(_ candidates: Int) throws {
                _ = try EvaluationRun.evaluate(
                    bundle, log: log, users: [], heldOut: .period(Period(from: TrainingFixture.split)),
                    history: .frozen,
                    baselines: [], candidates: candidates)
            }
            // Clicks alone make no ranker.
            #expect { try slates(20) } throws: { "\($0)".contains("no head 'click'") }
            for count in [0, 19, 1001] {
                #expect { try slates(count) } throws: { "\($0)".contains("20 to 1000") }
            }
        }
    }

    @Test func slatesOfEachSourceAreMeasuredOverTheSameUsers() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.interests.enabled = true
            settings.interests.clusters = 6
            settings.interests.batchSize = 256
            func run(_ metrics: [String]) async throws -> ExperimentResult {
                var experiment = Experiment(
                    name: "slates", part: .validation, period: Period(until: TrainingFixture.split),
                    evaluateUntil: nil, signal: nil, seeds: [1], baselines: [], metrics: metrics, evaluateEvery: 0,
                    variants: [.init(name: "clusters", settings: settings)])
                experiment.candidates = 60
                return try await ExperimentRun(
                    catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
                    report: { _ in }
                ).run()
            }
            let result = try await run([
                "slate.two_tower.ndcg@20", "slate.both.ndcg@20", "retrieval.two_tower.recall@50",
            ])
            let numbers = result.trainings[0].numbers
            for name in ["two_tower", "interests", "both"] {
                let gain = try #require(numbers["slate.\(name).ndcg@20"])
                let recall = try #require(numbers["slate.\(name).recall@20"])
                #expect(gain > 0.02 && gain < 1 && recall > gain / 2, "\(name): \(gain), \(recall)")
                let more = try #require(numbers["slate.\(name).gain"])
                #expect(abs(more - (gain - (numbers["slate.two_tower.ndcg@20"] ?? 0))) < 1e-9)
            }
            // The table has a row for the interests, with figures that they have.
            #expect(result.rows.map(\.name) == ["clusters", "clusters, interests"])
            #expect(result.rows[1].cells.map { $0 != nil } == [false, false, true])

            let unranked = try await run(["retrieval.two_tower.recall@50"])
            #expect(unranked.trainings[0].numbers.keys.allSatisfy { !$0.hasPrefix("slate.") })
        }
    }
}
