import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation
import Testing

@testable import CascadeTraining

/// Users who take from two of four groups of items, three times as much from the first.
@Suite struct InterestTrainerTests {
    static let groups = 4
    private static let size = 10

    static func data(_ settings: RetrievalSettings) throws -> TrainingData {
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

    static func retrieval(_ tower: String) -> RetrievalSettings {
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

    static func interests(_ change: (inout InterestSettings) -> Void = { _ in }) -> InterestSettings {
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

    static let clusters = (0..<(groups * size)).map { Int32($0 / size) }

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
                try inference.intent(users: data.retrievalUsers, row: user, history: $0) { Self.clusters[Int($0)] }
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

    /// A stretch of more clusters than it is read for: drawn rows stand for the others, and a step still weighs as much.
    @Test func aStretchIsReadForSomeOfItsClusters() throws {
        var settings = Self.retrieval("sasrec")
        settings.impressionWeight = 1
        let data = try Self.data(settings)
        // Ten clusters of four items, so that a stretch of twelve has more than the four that it is read for.
        let clusters = (0..<(Self.groups * Self.size)).map { Int32($0 / 4) }
        let examples = NextItemInterests(
            stretches: NextItemExamples(data, weight: TargetWeight(settings, data.log)),
            clusters: ExampleClusters(clusters, count: 10, data.log), intentReading: 10, data)
        #expect(examples.asked > 0.3 && examples.asked < 1)
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        var random = SeededRandom(seed: 8)
        var rows = InterestRows()
        for example in 0..<examples.count {
            examples.add(example, data, to: assembler, rows: &rows, random: &random)
        }
        #expect(rows.search.allSatisfy { clusters[Int($0.item)] == $0.cluster })
        #expect(rows.search.contains { $0.share > 1 })
        #expect(rows.pasts.count == 10 * rows.intent.count)
        let share = Double(rows.search.count) / Double(rows.intent.count)
        #expect(abs(share - examples.asked) < 0.1, "\(share), \(examples.asked)")
        let weights = SearchInputs.weights(of: rows.search)
        let sum: Float = weights.reduce(0, +)
        let plain: Float = rows.search.reduce(0) { $0 + $1.weight }
        #expect(abs(sum - plain) < 0.01 * plain, "\(sum), \(plain)")
        #expect(SearchInputs.weights(of: []).isEmpty)
    }

    @Test func withoutEpochsTheIntentIsTheHistogram() throws {
        let (data, trained) = try Self.train("pooled", Self.interests { $0.epochs = 0 })
        let inference = InterestInference(
            towers: trained.towers, map: data.map, store: trained.store, catalog: data.retrievalItems)
        #expect(inference.histogram == ExampleClusters(Self.clusters, count: Self.groups, data.log).histogram)
        try data.log.withHistory(user: 3, end: Int(data.log.userStart[4])) { past in
            let intent = try inference.intent(users: data.retrievalUsers, row: 3, history: past) {
                Self.clusters[Int($0)]
            }
            let histogram = inference.histogram.probabilities(of: past) { Self.clusters[Int($0)] }
            for (p, share) in zip(intent, histogram) { #expect(abs(p - share) < 1e-5) }
        }
    }

    /// What a target is foretold from holds neither the target nor, in a tower that tells the next one, what came later.
    @Test func examplesCountTheClustersOfTheirPasts() throws {
        let settings = Self.retrieval("pooled")
        let data = try Self.data(settings)
        let clusters = ExampleClusters(Self.clusters, count: Self.groups, data.log)
        func pasts(_ examples: any InterestExamples, _ example: Int) -> [[Float]] {
            let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
            var random = SeededRandom(seed: 1)
            var rows = InterestRows()
            examples.add(example, data, to: assembler, rows: &rows, random: &random)
            return stride(from: 0, to: rows.pasts.count, by: Self.groups).map {
                Array(rows.pasts[$0..<($0 + Self.groups)])
            }
        }
        func expected(_ rows: [Int]) -> [Float] {
            let counts = rows.reduce(into: [Float](repeating: 0, count: Self.groups)) {
                $0[Int(clusters.of(data.log.item[$1]))] += 1
            }
            let smoothing = ClusterHistogram.smoothing
            return zip(counts, clusters.histogram.shares).map {
                Float(log(Double(($0 + smoothing * $1) / (Float(rows.count) + smoothing))))
            }
        }
        func check(_ found: [Float], _ rows: [Int]) {
            for (p, wanted) in zip(found, expected(rows)) { #expect(abs(p - wanted) < 1e-5) }
        }
        let weight = TargetWeight(settings, data.log)
        let user = (0..<16).map { $0 + Int(data.log.userStart[5]) }
        let rest = LeaveOneOutInterests(
            clusters: clusters, intentReading: Int32(Self.groups), count: data.log.count, weight: weight, strangers: 0)
        let item = data.log.item[user[6]]
        check(try #require(pasts(rest, user[6]).first), user.filter { data.log.item[$0] != item })
        let strangers = LeaveOneOutInterests(
            clusters: clusters, intentReading: Int32(Self.groups), count: data.log.count, weight: weight, strangers: 1)
        check(try #require(pasts(strangers, user[6]).first), [])
        let next = NextItemInterests(
            stretches: NextItemExamples(data, weight: weight), clusters: clusters,
            intentReading: Int32(Self.groups), data)
        for example in 0..<next.count where next.stretches.rows(of: example).contains(user[6]) {
            let stretch = next.stretches.targets(of: example, data)
            let first = stretch.isFirst ? stretch.rows.lowerBound : stretch.rows.lowerBound + 1
            for (place, found) in pasts(next, example).enumerated() {
                // The steps before the stretch count too.
                check(found, Array(user[0]..<(first + place)))
            }
        }
    }

    @Test func severalVectorsAndInterestsDoNotGoTogether() {
        var settings = TrainingSettings()
        settings.retrieval.userTower = "mind"
        #expect(!settings.problems().contains { $0.contains("interests.enabled") })
        settings.interests.enabled = true
        #expect(settings.problems().contains { $0.contains("interests.enabled") && $0.contains("'mind'") })
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
