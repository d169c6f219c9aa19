import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeTestSupport
import CascadeTraining
import Foundation
import Testing

@testable import cascade

@Suite struct ExperimentFileTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func load(_ text: String, over configuration: CascadeConfiguration = .init()) throws -> Experiment {
        try withTemporaryDirectory { folder in
            let file = folder.appendingPathComponent("experiment.yaml")
            try Data(text.utf8).write(to: file)
            return try ExperimentFile.load(file.path, over: configuration)
        }
    }

    private static let sound = """
        name: towers
        part: test
        data: {until: 2024-01-02, evaluate_until: 2024-01-03T12:00:00Z, signal: click, planted: w/truth.ndjson}
        seeds: [3, 1]
        metrics: [recall@50, ranker.click.auc]
        baselines: popularity, ease
        evaluate_every: 2
        hidden_items: {share: 0.1, seed: 7}
        settings: {retrieval: {epochs: 9}, features: {bins: 12}}
        runs:
          - name: pooled
          - {name: attention, settings: {retrieval: {user_tower: attention, epochs: 5}}}

        """

    @Test func runsStandOverTheSharedSettingsAndThoseOverTheConfiguration() throws {
        var configuration = CascadeConfiguration()
        configuration.retrieval.dimension = 32
        configuration.training.threads = 3
        let experiment = try load(Self.sound, over: configuration)
        #expect(experiment.name == "towers" && experiment.part == .test && experiment.signal == "click")
        #expect(experiment.period.until == Timestamp(rfc3339: "2024-01-02T00:00:00Z"))
        #expect(experiment.evaluateUntil == Timestamp(rfc3339: "2024-01-03T12:00:00Z"))
        #expect(experiment.seeds == [3, 1] && experiment.baselines == [.popularity, .ease])
        #expect(experiment.metrics == ["retrieval.two_tower.recall@50", "ranker.click.auc"])
        #expect(
            experiment.planted == "w/truth.ndjson" && experiment.evaluateEvery == 2 && experiment.hidden.share == 0.1
                && experiment.hidden.seed == 7)
        #expect(experiment.variants.map(\.name) == ["pooled", "attention"])
        #expect(experiment.variants.map(\.settings.retrieval.userTower) == ["pooled", "attention"])
        #expect(experiment.variants.map(\.settings.retrieval.epochs) == [9, 5])
        for variant in experiment.variants {
            #expect(variant.settings.retrieval.dimension == 32)
            #expect(variant.settings.features.bins == 12)
            #expect(variant.settings.threads == 3)
        }
    }

    @Test(
        arguments: [
            ("runs:\n", "run:\n", "run"), ("user_tower: attention", "user_towr: attention", "user_towr"),
            ("epochs: 5", "epochs: 0", "attention"), ("seeds: [3, 1]", "seeds: [1, 1]", "seeds"),
            ("until: 2024-01-02,", "until: tomorrow,", "data.until"), ("name: towers", "name: a/b", "name"),
            ("baselines: popularity, ease", "baselines: knn", "knn"), ("name: attention", "name: pooled", "same name"),
            ("share: 0.1", "share: 1.5", "hidden_items.share"),
        ]) func whatIsWrongIsNamed(right: String, wrong: String, named: String)
    {
        let text = Self.sound.replacing(right, with: wrong)
        #expect(text != Self.sound)
        #expect("\(wrong)") { try load(text) } throws: { "\($0)".contains(named) }
    }

    /// The experiments that the documents name can be run.
    @Test func theShippedExperimentsAreSound() throws {
        let folder = Self.root.appendingPathComponent("Benchmarks/experiments")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 5)
        for file in files {
            let experiment = try ExperimentFile.load(folder.appendingPathComponent(file).path, over: .init())
            #expect("\(experiment.name).yaml" == file)
        }
    }
}
