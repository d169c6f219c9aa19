import CascadeCore
import CascadeFeatures
import CascadeNN
import CascadeStorage
import Foundation
import Testing

@testable import CascadeModels
@testable import CascadeTraining

@Suite(.serialized) struct TimedRankerTests {
    /// Users who click in the even hours of the day, whatever they are shown.
    private static func hours(times: Bool, from first: Int = 0) throws -> TrainingData {
        var random = SeededRandom(seed: 8)
        var log = InteractionLog()
        log.users = (0..<40).map { UserID("u\($0 + 100)") }
        log.items = (0..<30).map { ItemID("i\($0 + 100)") }
        log.signals = ["click"]
        for user in 0..<40 {
            // Steps at hours that nothing of the past tells.
            var hour = first + random.below(24)
            for _ in 0..<60 {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(random.below(30)))
                log.time.append(Int64(hour) * 3_600_000_000)
                log.feedback.append(random.uniform() < (hour % 2 == 0 ? 0.9 : 0.1) ? 1 : 0)
                log.observed.append(1)
                log.isImpression.append(true)
                hour += 1 + random.below(24)
            }
        }
        var features = FeatureSettings()
        features.historyLength = 8
        features.minimumPositives = 20
        features.times = times
        // So many passes learn the rows of finer numbers by heart, which hides what the hour tells: bins of few rows less.
        features.numbers = .piecewiseLinear
        return try TrainingData(
            period: Period(), log: log, users: log.users.map { User(id: $0) },
            items: log.items.map { Item(id: $0, createdAt: Timestamp(microseconds: 0)) }, definitions: [],
            settings: features, retrieval: RetrievalSettings())
    }

    /// The area under the curve over all rows, from the graph of training.
    private static func auc(_ data: TrainingData, _ settings: RankerSettings) throws -> Double {
        let (model, store, _) = try RankerTrainer(settings: settings, seed: 3, workers: 2).train(data)
        let plan = Plan(store: store, mode: .inference)
        let graph = RankerGraph(plan, model: model, data: data, capacity: 100)
        try plan.seal()
        var scores: [Float] = []
        for start in stride(from: 0, to: data.log.count, by: 100) {
            for row in start..<min(start + 100, data.log.count) {
                graph.add(row: row, historyEnd: Int(data.historyEnd[row]), inPeriod: true)
            }
            try graph.load(plan, lossWeights: [1])
            try plan.forward()
            scores += plan.values(of: graph.logits)
        }
        return try #require(RankingMetrics.auc(scores: scores, labels: data.log.positives.map { $0 & 1 == 1 }))
    }

    @Test func theHourIsLearnedWithTimesAndNotWithout() throws {
        let settings = RankerTrainerTests.settings {
            $0.epochs = 8
            $0.dropout = 0
            $0.numericWidth = 8
        }
        let with = try Self.auc(try Self.hours(times: true), settings)
        let without = try Self.auc(try Self.hours(times: false), settings)
        #expect(with > 0.85, "\(with)")
        #expect(without < 0.7, "\(without)")
    }

    /// A weight that training leaves where it began reads nothing, or is read by nothing.
    @Test(arguments: HistoryEncoders.members.all.keys.sorted(), [0.0, 0.2])
    func everyWeightIsTrainedAndBitsRepeat(history: String, mask: Double) throws {
        let data = try RankerTrainerTests.data(times: true)
        let settings = RankerTrainerTests.settings {
            $0.history = history
            $0.historyMaskHours = mask
            $0.epochs = 2
        }
        func train() throws -> ParameterStore {
            try RankerTrainer(settings: settings, seed: 3, workers: 2).train(data).store
        }
        let store = try train()
        let start = ParameterStore()
        _ = try RankingModel(settings: settings, map: data.map, store: start)
        try start.allocate(seed: 3)
        for (parameter, first) in zip(store.parameters, start.parameters) {
            #expect(!store.weights(parameter).elementsEqual(start.weights(first)), "\(parameter.name) is as it began")
        }
        let again = try train()
        for (parameter, other) in zip(store.parameters, again.parameters) {
            #expect(store.weights(parameter).elementsEqual(again.weights(other)), "\(parameter.name)")
        }
    }

    /// Each row and pass hides a time of its own, drawn from the seed alone and spread over the whole range.
    @Test func whatIsHiddenIsDrawnFromTheSeed() throws {
        func hidden(_ seed: UInt64, epoch: Int, hours: Double = 2) -> [Int64] {
            let settings = RankerTrainerTests.settings { $0.historyMaskHours = hours }
            let trainer = RankerTrainer(settings: settings, seed: seed, workers: 1)
            return (0..<2000).map { trainer.hidden(row: $0, epoch: epoch) }
        }
        let first = hidden(1, epoch: 0)
        #expect(first == hidden(1, epoch: 0))
        #expect(first != hidden(1, epoch: 1))
        #expect(first != hidden(2, epoch: 0))
        #expect(first.allSatisfy { (0..<7_200_000_000).contains($0) })
        let mean = Double(first.reduce(0, +)) / 2000
        #expect(abs(mean - 3.6e9) < 2e8, "\(mean)")
        #expect(hidden(1, epoch: 0, hours: 0).allSatisfy { $0 == 0 })
    }

    /// A release with times is trained, written, read, evaluated and explained; what is asked when is part of it.
    @Test func aReleaseKeepsItsTimes() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.features.times = true
            settings.features.utcOffsetHours = 2
            settings.ranker.history = "transact"
            settings.ranker.historyMaskHours = 1
            let release = try await fixture.run(settings)
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            #expect(bundle.map.ranker.times == TimeFeatures(utcOffsetHours: 2, lookups: 1))
            let log = try await fixture.storage.feedback.interactions(in: Period())
            let users = try await fixture.storage.catalog.users()
            var options = RankerEvaluationOptions()
            options.bootstrap.draws = 10
            var importance = ImportanceOptions()
            importance.rows = 400
            options.importance = importance
            for history in HistoryMode.allCases {
                let report = try EvaluationRun.evaluate(
                    bundle, log: log, users: users, heldOut: .period(Period(from: TrainingFixture.split)),
                    history: history, baselines: [], ranker: options)
                let click = try #require(report.heads.first { $0.head == "click" })
                #expect(try #require(click.figures.auc) > 0.6)
                let losses = try #require(report.importance?.heads.first { $0.head == "click" }).losses
                #expect(Set(["times", "history", "counters"]).isSubset(of: losses.map(\.feature)))
                #expect(try #require(losses.first { $0.feature == "times" }).logLoss != 0)
            }
        }
    }

    @Test func settingsThatNeedTimesAreRefusedWithoutThem() {
        var settings = TrainingSettings()
        settings.ranker.historyMaskHours = 1
        #expect(settings.problems() == ["ranker.history_mask_hours needs features.times"])
        settings.features.times = true
        #expect(settings.problems().isEmpty)
    }
}
