import CascadeCore
import CascadeFeatures
import CascadeNN
import CascadeStorage
import Foundation
import Synchronization
import Testing

@testable import CascadeModels
@testable import CascadeTraining

/// Towers that the ranker is told of, on users who like every other category.
@Suite(.serialized) struct TowerTrainingTests {
    private typealias Served = (model: any RetrievalModel, store: ParameterStore)

    private static func settings(_ towers: TowerInputs, folds: Int = 3) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.retrieval.hidden = 16
        settings.retrieval.batchSize = 200
        settings.retrieval.uniformNegatives = 20
        settings.retrieval.epochs = 4
        settings.retrieval.learningRate = 0.01
        settings.ranker = RankerTrainerTests.settings {
            $0.towers = towers
            $0.towerFolds = folds
        }
        settings.seed = 3
        settings.threads = 2
        return settings
    }

    private static func served(_ data: TrainingData, _ settings: TrainingSettings) throws -> Served {
        let trained = try RetrievalTrainer(settings: settings.retrieval, seed: settings.seed, workers: 2).train(data)
        return (trained.model, trained.store)
    }

    private static func told(
        _ data: TrainingData, _ settings: TrainingSettings, served: Served? = nil
    ) throws -> TrainingData {
        try TowerTraining(settings: settings).told(data, try served ?? Self.served(data, settings)) { _ in }
    }

    /// What a row is told.
    private static func columns(_ data: TrainingData, row: Int) throws -> [Float] {
        var columns: [Float] = []
        try #require(data.towers).append(row: row, of: data.log, to: &columns)
        return columns
    }

    /// Forty users with twenty-five impressions each; `changed` is a user whose last five have other outcomes, and the last
    /// four of these other items.
    private static func data(changing changed: Int? = nil) throws -> TrainingData {
        var random = SeededRandom(seed: 4)
        var log = InteractionLog()
        log.users = (0..<40).map { UserID("u\($0 + 100)") }
        log.items = (0..<40).map { ItemID("i\($0 + 100)") }
        log.signals = ["view"]
        for user in 0..<40 {
            for step in 0..<25 {
                let item = random.below(40)
                let likes = random.uniform() < ((user + item) % 2 == 0 ? 0.8 : 0.2)
                let isOther = user == changed && step >= 20
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(isOther && step > 20 ? (item + 13) % 40 : item))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(likes != isOther ? 1 : 0)
                log.observed.append(1)
                log.isImpression.append(true)
            }
        }
        var features = FeatureSettings()
        features.minimumPositives = 20
        features.historyLength = 8
        return try TrainingData(
            period: Period(), log: log, users: log.users.map { User(id: $0) }, items: log.items.map { Item(id: $0) },
            definitions: [], settings: features, retrieval: RetrievalSettings())
    }

    /// What a row is told changes neither with its own outcome nor with what its user did later, to the bit; what the
    /// rows of users in other folds are told does.
    @Test func aRowIsToldNothingOfItsUser() throws {
        let settings = Self.settings(.vectors)
        let user = 7
        let (plain, other) = (try Self.data(), try Self.data(changing: user))
        #expect(plain.map.retrieval == other.map.retrieval)
        // The same model in service: the spaces are turned onto that one.
        let served = try Self.served(plain, settings)
        let (before, after) = (
            try Self.told(plain, settings, served: served), try Self.told(other, settings, served: served)
        )
        let folds = try #require(before.towers).folds
        for row in user * 25..<user * 25 + 21 {
            #expect(plain.log.item[row] == other.log.item[row])
            #expect(try Self.columns(before, row: row) == Self.columns(after, row: row), "row \(row)")
        }
        #expect(plain.log.positives[user * 25 + 20] != other.log.positives[user * 25 + 20])
        let mate = try #require((0..<40).first { $0 != user && folds[$0] == folds[user] })
        let stranger = try #require((0..<40).first { folds[$0] != folds[user] })
        #expect(try Self.columns(before, row: mate * 25 + 9) == Self.columns(after, row: mate * 25 + 9))
        #expect(try Self.columns(before, row: stranger * 25 + 9) != Self.columns(after, row: stranger * 25 + 9))
        // The model that is served learned from all.
        let all = try Self.served(other, settings)
        let table = try #require(served.store.tables.first)
        #expect(!served.store.weights(table).elementsEqual(all.store.weights(try #require(all.store.tables.first))))
    }

    /// Vectors, their products and the inner product are those of the same towers; all spaces are near the served one.
    @Test func towersOfAllFoldsLieInOneSpace() throws {
        let settings = Self.settings(.vectors)
        let data = try Self.data()
        let served = try Self.served(data, settings)
        let vectors = try Self.told(data, settings, served: served)
        let product = try Self.told(data, Self.settings(.product), served: served)
        let model = RetrievalInference(
            model: served.model, map: data.map, store: served.store, catalog: data.retrievalItems)
        let target = try model.itemVectors(rows: 0..<40)
        let d = model.dimension
        var cosine: Float = 0
        for row in stride(from: 0, to: data.log.count, by: 7) {
            let columns = try Self.columns(vectors, row: row)
            #expect(columns.count == 3 * d)
            let (item, user) = (columns[0..<d], columns[d..<(2 * d)])
            #expect(abs(user.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4, "a rotation keeps the length")
            #expect(zip(zip(item, user), columns[(2 * d)...]).allSatisfy { $0.0 * $0.1 == $1 })
            let inner = try Self.columns(product, row: row)
            #expect(inner.count == 1 && abs(inner[0] - columns[(2 * d)...].reduce(0, +)) < 1e-5)
            cosine += zip(item, target[(Int(data.log.item[row]) * d)...]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        cosine /= Float((data.log.count + 6) / 7)
        #expect(cosine > 0.6, "\(cosine)")
    }

    @Test func rowsOfFoldsThatNobodyElseTeachesAreToldNothing() throws {
        let data = try Self.data().forRetrieval { $0 < 25 }
        let told = try Self.told(data, Self.settings(.product), served: try Self.served(data, Self.settings(.product)))
        #expect(try (0..<25).allSatisfy { try Self.columns(told, row: $0) == [0] })
    }

    @Test(arguments: [TowerInputs.product, .vectors]) func everyWeightIsTrainedAndBitsRepeat(
        towers: TowerInputs
    ) throws {
        let settings = Self.settings(towers, folds: 2)
        func train() throws -> (store: ParameterStore, data: TrainingData) {
            let data = try Self.told(Self.data(), settings)
            return (try RankerTrainer(settings: settings.ranker, seed: 3, workers: 2).train(data).store, data)
        }
        let (store, data) = try train()
        let start = ParameterStore()
        _ = try RankingModel(settings: settings.ranker, map: data.map, store: start)
        try start.allocate(seed: 3)
        for (parameter, first) in zip(store.parameters, start.parameters) {
            #expect(!store.weights(parameter).elementsEqual(start.weights(first)), "\(parameter.name) is as it began")
        }
        let again = try train().store
        for (parameter, other) in zip(store.parameters, again.parameters) {
            #expect(store.weights(parameter).elementsEqual(again.weights(other)), "\(parameter.name)")
        }
    }

    @Test func aRankerIsNotTrainedWithoutItsTowers() throws {
        let settings = Self.settings(.product)
        #expect { try RankerTrainer(settings: settings.ranker, seed: 3, workers: 2).train(try Self.data()) } throws: {
            "\($0)".contains("ranker.towers")
        }
    }

    /// A release whose ranker is told of towers is trained, written, read, evaluated and explained.
    @Test func aReleaseKeepsItsTowers() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.ranker.towers = .vectors
            settings.ranker.towerFolds = 2
            settings.ranker.towerEpochs = 2
            let release = try await fixture.run(settings)
            let bundle = try ModelBundle(
                folder: ArtifactFolder(fixture.directory.appendingPathComponent(release.path)))
            #expect(bundle.ranker?.readsTowers == true)
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
                #expect(try #require(report.heads.first { $0.head == "click" }?.figures.auc) > 0.6)
                let losses = try #require(report.importance?.heads.first { $0.head == "click" }).losses
                #expect(try #require(losses.first { $0.feature == "towers" }).logLoss != 0)
            }
        }
    }

    /// An experiment that measures the ranker alone trains retrieval where a ranker is told of it.
    @Test func experimentsTrainTheTowersThatTheyNeed() async throws {
        try await TrainingFixture.with { fixture in
            var settings = TrainingFixture.settings
            settings.retrieval.epochs = 1
            settings.ranker.epochs = 1
            var other = settings
            other.ranker.towers = .product
            let experiment = Experiment(
                name: "towers", part: .validation, period: Period(until: TrainingFixture.split), evaluateUntil: nil,
                signal: nil, seeds: [1], baselines: [], metrics: ["ranker.click.auc"], evaluateEvery: 1,
                variants: [.init(name: "none", settings: settings), .init(name: "product", settings: other)])
            let reported = Reported()
            let result = try await ExperimentRun(
                catalog: fixture.storage.catalog, feedback: fixture.storage.feedback, experiment: experiment,
                report: { reported.add($0) }
            ).run()
            #expect(
                reported.trained == ["ranker, none, seed 1", "retrieval, product, seed 1", "ranker, product, seed 1"])
            #expect(result.trainings.allSatisfy { $0.curve.isEmpty })
            let figures = result.trainings.compactMap { $0.numbers["ranker.click.auc"] }
            #expect(figures.count == 2 && figures[0] != figures[1])
        }
    }

    @Test func settingsAreChecked() {
        var settings = TrainingSettings()
        settings.ranker.towerFolds = 1
        settings.ranker.towerEpochs = -1
        let problems = settings.problems().joined(separator: "\n")
        #expect(problems.contains("ranker.tower_folds") && problems.contains("ranker.tower_epochs"))
        settings = TrainingSettings()
        settings.retrieval.userID = true
        #expect(settings.problems().isEmpty)
        settings.ranker.towers = .product
        #expect(settings.problems().contains { $0.contains("ranker.towers") && $0.contains("user_id") })
        settings.retrieval.userID = false
        #expect(settings.problems().isEmpty)
        settings.retrieval.userTower = "mind"
        #expect(settings.problems().contains { $0.contains("ranker.towers") && $0.contains("mind") })
    }
}

/// What a run said that it trained.
private final class Reported: Sendable {
    private let names = Mutex<[String]>([])

    var trained: [String] { names.withLock { $0 } }

    func add(_ report: TrainingReport) {
        guard case .trained(let name, _) = report else { return }
        names.withLock { $0.append(name) }
    }
}
