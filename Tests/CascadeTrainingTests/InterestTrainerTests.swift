import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Testing

@testable import CascadeTraining

/// Users who take from two of four groups of items, three times as much from the first.
@Suite struct InterestTrainerTests {
    private static let groups = 4
    private static let size = 10

    private static func data(_ settings: RetrievalSettings) throws -> TrainingData {
        var log = InteractionLog()
        log.users = (0..<80).map { UserID("u\($0 + 100)") }
        log.items = (0..<(groups * size)).map { ItemID("i\($0 + 100)") }
        log.signals = ["click"]
        var random = SeededRandom(seed: 2)
        for user in 0..<80 {
            for step in 0..<16 {
                let group = step % 4 == 3 ? (user + 1) % groups : user % groups
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(group * size + random.below(size)))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        var features = FeatureSettings()
        features.retrievalHistoryLength = 12
        return try TrainingData(
            period: Period(), log: log, users: [], items: [], definitions: [], settings: features, retrieval: settings)
    }

    private static func retrieval(_ tower: String) -> RetrievalSettings {
        var settings = RetrievalSettings()
        settings.userTower = tower
        settings.dimension = 16
        settings.hidden = 16
        settings.batchSize = 64
        settings.uniformNegatives = 20
        settings.epochs = 3
        settings.learningRate = 0.01
        settings.temperature = 0.2
        settings.warmupSteps = 5
        return settings
    }

    private static func interests(_ change: (inout InterestSettings) -> Void = { _ in }) -> InterestSettings {
        var settings = InterestSettings()
        settings.enabled = true
        settings.clusters = groups
        settings.negatives = 6
        settings.batchSize = 64
        settings.epochs = 15
        settings.learningRate = 0.01
        change(&settings)
        return settings
    }

    private static let clusters = (0..<(groups * size)).map { Int32($0 / size) }

    private static func train(
        _ tower: String, _ settings: InterestSettings
    ) throws -> (data: TrainingData, trained: (towers: InterestTowers, store: ParameterStore, summary: TrainingSummary))
    {
        let retrieval = retrieval(tower)
        let data = try data(retrieval)
        let start = try RetrievalTrainer(settings: retrieval, seed: 3, workers: 2).train(data)
        let trained = try InterestTrainer(settings: settings, retrieval: retrieval, seed: 3, workers: 2)
            .train(data, start: start.store, clusters: clusters, count: groups)
        return (data, trained)
    }

    @Test(arguments: ["pooled", "attention", "sasrec"], InterestForm.allCases)
    func theIntentFollowsThePast(tower: String, form: InterestForm) throws {
        let (data, trained) = try Self.train(tower, Self.interests { $0.form = form })
        let inference = InterestInference(
            towers: trained.towers, map: data.map, store: trained.store, catalog: data.retrievalItems)
        var sum: Float = 0
        for user in 0..<20 {
            let intent = try data.log.withHistory(user: user, end: Int(data.log.userStart[user + 1])) {
                try inference.intent(users: data.retrievalUsers, row: user, history: $0)
            }
            sum += intent[user % Self.groups] + intent[(user + 1) % Self.groups]
        }
        #expect(sum / 20 > 0.65, "\(tower), \(form): \(sum / 20) where chance is 0.5")
    }

    @Test(arguments: ["pooled", "sasrec"]) func theSameSeedGivesTheSameWeights(tower: String) throws {
        let settings = Self.interests { $0.epochs = 2 }
        let one = try Self.train(tower, settings).trained
        let two = try Self.train(tower, settings).trained
        #expect(one.summary.loss == two.summary.loss)
        for (left, right) in zip(one.store.parameters, two.store.parameters) {
            #expect(Array(one.store.weights(left)) == Array(two.store.weights(right)), "\(left.name)")
        }
    }

    @Test func withoutEpochsTheWeightsAreThoseOfTheRetrievalModel() throws {
        let retrieval = Self.retrieval("pooled")
        let data = try Self.data(retrieval)
        let start = try RetrievalTrainer(settings: retrieval, seed: 3, workers: 2).train(data)
        let kept = try InterestTrainer(
            settings: Self.interests { $0.epochs = 0 }, retrieval: retrieval, seed: 3, workers: 2
        ).train(data, start: start.store, clusters: Self.clusters, count: Self.groups)
        for parameter in start.store.parameters {
            let same = try #require(kept.store.parameters.first { $0.name == parameter.name })
            #expect(Array(kept.store.weights(same)) == Array(start.store.weights(parameter)), "\(parameter.name)")
        }
    }

    @Test func columnsAreOfOneClusterAndSmallOnesAreWhole() throws {
        let data = try Self.data(Self.retrieval("pooled"))
        var random = SeededRandom(seed: 5)
        let drawn = InterestColumns(Self.clusters, count: Self.groups, negatives: 6, data, rows: 32)
        for cluster in 0..<Self.groups {
            let target = Int32(cluster * Self.size + 3)
            let items = drawn.items(of: cluster, targets: [target, target], random: &random)
            #expect(items.first == target)
            #expect(Set(items).count == items.count && items.count <= 7)
            #expect(items.allSatisfy { Int($0) / Self.size == cluster })
            #expect(items.allSatisfy { drawn.correction(of: $0) < 0 })
        }
        let whole = InterestColumns(Self.clusters, count: Self.groups, negatives: 10, data, rows: 32)
        #expect(whole.items(of: 2, targets: [21], random: &random) == Array(20..<30))
        #expect(whole.correction(of: 21) == 0)
        #expect(whole.capacity(rows: 32) == 32 + 40)
    }

    @Test func foretellingIsMeasuredAgainstWhatWasTaken() {
        let sure = IntentReport.figures([([0.05, 0.95], [0, 1]), ([0.95, 0.05], [1, 0])])
        let unsure = IntentReport.figures([([0.5, 0.5], [0, 1]), ([0.5, 0.5], [1, 0])])
        let wrong = IntentReport.figures([([0.95, 0.05], [0, 1]), ([0.95, 0.05], [0, 1])])
        #expect(abs(sure.logLoss - 0.0513) < 1e-4)
        #expect(abs(unsure.logLoss - 0.6931) < 1e-4)
        #expect(wrong.logLoss > unsure.logLoss)
        #expect(abs(sure.calibrationError - 0.1) < 1e-9)
        #expect(unsure.calibrationError < 1e-12)
        #expect(abs(wrong.calibrationError - 1.9) < 1e-9)
    }
}
