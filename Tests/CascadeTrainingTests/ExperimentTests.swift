import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeTraining

@Suite(.serialized) struct ExperimentTests {
    private static func experiment(_ change: (inout Experiment) -> Void = { _ in }) -> Experiment {
        var other = TrainingFixture.settings
        other.retrieval.userTower = "attention"
        var experiment = Experiment(
            name: "towers", part: .validation, period: Period(until: TrainingFixture.split), evaluateUntil: nil,
            signal: nil, seeds: [1, 2], baselines: [.popularity, .itemKNN],
            metrics: ["retrieval.two_tower.recall@50", "retrieval.two_tower.ndcg@10"], evaluateEvery: 2,
            variants: [
                .init(name: "pooled", settings: TrainingFixture.settings), .init(name: "attention", settings: other),
            ])
        change(&experiment)
        return experiment
    }

    private static func run(_ fixture: TrainingFixture, _ experiment: Experiment) async throws -> ExperimentResult {
        try await ExperimentRun(
            catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
            report: { _ in }
        ).run()
    }

    @Test func runsAreComparedOverSeedsAndTheSameAgain() async throws {
        try await TrainingFixture.with { fixture in
            let result = try await Self.run(fixture, Self.experiment())
            #expect(result.trainings.map(\.name) == ["pooled", "pooled", "attention", "attention"])
            #expect(result.trainings.map(\.seed) == [1, 2, 1, 2])
            #expect(Set(result.trainings.map(\.settingsHash)).count == 4)
            #expect(result.rows.map(\.name) == ["pooled", "attention", "popularity", "item_knn"])
            for row in result.rows.prefix(2) {
                let cell = try #require(row.cells[0])
                let own = result.trainings.filter { $0.name == row.name }
                    .compactMap { $0.numbers["retrieval.two_tower.recall@50"] }
                #expect(abs(cell.mean - own.reduce(0, +) / 2) < 1e-12)
                #expect(abs(cell.deviation - abs(own[0] - own[1]) / 2.0.squareRoot()) < 1e-9)
            }
            for training in result.trainings {
                #expect(training.curve.map(\.epoch) == [1, 2, 3, 4])
                #expect(training.curve[3].loss < training.curve[0].loss)
                #expect(training.curve.map { !$0.numbers.isEmpty } == [false, true, false, true])
            }
            #expect(try await fixture.storage.releases.activeRelease() == nil)

            try await withTemporaryDirectory { folder in
                let one = ExperimentFiles(folder: folder.appendingPathComponent("one"))
                let two = ExperimentFiles(folder: folder.appendingPathComponent("two"))
                try one.write(result, at: .now)
                try two.write(try await Self.run(fixture, Self.experiment()), at: .now)
                let names = try FileManager.default.contentsOfDirectory(atPath: one.folder.path).sorted()
                #expect(
                    names == [
                        "curves.csv", "loss.svg", "results.json", "retrieval.two_tower.ndcg@10.svg",
                        "retrieval.two_tower.recall@50.svg", "table.txt",
                    ])
                for name in names {
                    let left = try Data(contentsOf: one.folder.appendingPathComponent(name))
                    let right = try Data(contentsOf: two.folder.appendingPathComponent(name))
                    #expect(left == right, "\(name)")
                }
            }
        }
    }

    @Test func aReadingOfATestPartIsLogged() async throws {
        try await TrainingFixture.with { fixture in
            let result = try await Self.run(
                fixture,
                Self.experiment {
                    $0.part = .test
                    $0.seeds = [1]
                    $0.variants.removeLast()
                    $0.evaluateEvery = 0
                })
            try withTemporaryDirectory { folder in
                let files = ExperimentFiles(folder: folder)
                try files.write(result, at: .now)
                try files.write(result, at: .now)
                let log = try String(
                    contentsOf: folder.appendingPathComponent("test-readings.ndjson"), encoding: .utf8)
                let lines = log.split(separator: "\n")
                #expect(lines.count == 2)
                #expect(lines.allSatisfy { $0.contains(result.trainings[0].settingsHash) })
            }
        }
    }

    /// Items that training never met are found by their features, and counting finds none of them.
    @Test func hiddenItemsAreFoundByWhatTheyAre() async throws {
        try await TrainingFixture.with { fixture in
            var hidden = HiddenItems()
            hidden.share = 0.1
            let result = try await Self.run(
                fixture,
                Self.experiment {
                    $0.hidden = hidden
                    $0.seeds = [1]
                    $0.evaluateEvery = 0
                    $0.variants = [.init(name: "pooled", settings: TrainingFixture.settings)]
                })
            let found = try #require(result.trainings[0].numbers["retrieval.two_tower.recall@50"])
            let counted = try #require(result.baselines["retrieval.item_knn.recall@50"])
            #expect(found > 0.2 && found > 2 * counted, "two towers \(found), item-kNN \(counted)")
            let items = try await fixture.storage.catalog.items()
            let share = Double(items.count { hidden.contains($0.id) }) / Double(items.count)
            #expect(share > 0.05 && share < 0.17, "\(share)")
        }
    }

    @Test func theHashIsOfWhatTakesPart() throws {
        let settings = TrainingFixture.settings
        var other = settings
        other.index.efSearch = 77
        #expect(try ExperimentRun.hash(other) == ExperimentRun.hash(settings))
        other.retrieval.epochs += 1
        #expect(try ExperimentRun.hash(other) != ExperimentRun.hash(settings))
    }

    @Test func whatCannotBeRunIsSaidAtOnce() {
        let problems = Self.experiment {
            $0.period = Period()
            $0.seeds = [1, 1]
            $0.metrics = []
            $0.variants[1] = $0.variants[0]
        }.problems()
        #expect(problems.count == 4)
        #expect(problems.contains { $0.contains("data.until") })
        #expect(problems.contains { $0.contains("same name") })
    }

    @Test func aPlotHasALineASeriesAndEscapesNames() {
        let plot = CurvePlot(
            title: "a < b", series: [.init(name: "x & y", points: [(1, 2), (2, 1)]), .init(name: "z", points: [])])
        #expect(plot.svg.contains("a &lt; b"))
        #expect(plot.svg.contains("x &amp; y"))
        #expect(plot.svg.components(separatedBy: "<polyline").count == 3)
        #expect(!plot.svg.contains("nan"))
    }
}
