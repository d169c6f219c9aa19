import CascadeCore
import CascadeFeatures
import CascadeModels
import Testing

@testable import CascadeTraining

/// Users who walk round a ring of items, each from a place of their own: only the order tells what comes next.
@Suite struct RetrievalTrainerTests {
    private static let items = 40

    static func data(
        _ settings: RetrievalSettings, users: Int = 80, map: FeatureMap? = nil
    ) throws -> TrainingData {
        let steps = 12
        var log = InteractionLog()
        log.users = (0..<users).map { UserID("u\($0 + 100)") }
        log.items = (0..<items).map { ItemID("i\($0 + 100)") }
        log.signals = ["click"]
        for user in 0..<users {
            for step in 0..<steps {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32((user * 7 + step) % items))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        var features = FeatureSettings()
        features.retrievalHistoryLength = 8
        return try TrainingData(
            period: Period(), log: log, users: [], items: [], definitions: [], settings: features, retrieval: settings,
            map: map, learned: map?.fittedUntil)
    }

    static func settings(_ change: (inout RetrievalSettings) -> Void) -> RetrievalSettings {
        var settings = RetrievalSettings()
        settings.userTower = "sasrec"
        settings.dimension = 16
        settings.hidden = 16
        settings.dropout = 0.1
        settings.batchSize = 128
        settings.uniformNegatives = 20
        settings.epochs = 40
        settings.learningRate = 0.01
        settings.temperature = 0.2
        change(&settings)
        return settings
    }

    /// The share of pasts after which the next item of the ring comes first.
    ///
    /// - Parameter near: takes any item within four of either end of the past for right.
    private static func hits(_ settings: RetrievalSettings, near: Bool = false) throws -> Double {
        let data = try data(settings)
        let trained = try RetrievalTrainer(settings: settings, seed: 3, workers: 2).train(data)
        let model = RetrievalInference(
            model: trained.model, map: data.map, store: trained.store, catalog: data.retrievalItems)
        let vectors = try model.itemVectors(rows: 0..<items)
        var hits = 0
        for start in 0..<items {
            let past = (0..<5).map { Int32((start + $0) % items) }
            let user = try HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                try model.userVectors(users: data.retrievalUsers, row: 0, history: $0)
            }
            let scores = VectorScores.best(vectors, users: [user], model.dimension)[0]
            let best = scores.indices.filter { !past.contains(Int32($0)) }.max { scores[$0] < scores[$1] }
            guard let best else { continue }
            let ahead = (best - start - 4 + items) % items
            let behind = (start - best + items) % items
            if near ? min(ahead, behind) <= 4 : ahead == 1 { hits += 1 }
        }
        return Double(hits) / Double(items)
    }

    @Test(arguments: ["sasrec", "gated"]) func causalTowersLearnWhatComesNext(tower: String) throws {
        let share = try Self.hits(Self.settings { $0.userTower = tower })
        #expect(share > 0.8, "\(tower): \(share)")
    }

    /// A loss with what suits forty items.
    private static func choose(_ loss: String, in settings: inout RetrievalSettings) {
        settings.loss = loss
        settings.margin = 0.6
        settings.negativeWeight = 20
        if loss == "gbce" { settings.temperature = 0.07 }
    }

    /// The losses that correct for sampling, with the frequencies of the targets so far.
    @Test(arguments: ["sampled_softmax", "logq", "corrected_logq"]) func aSketchOfTheFrequenciesLearnsTheRing(
        loss: String
    ) throws {
        let share = try Self.hits(
            Self.settings {
                Self.choose(loss, in: &$0)
                $0.itemFrequencies = .sketch
            })
        #expect(share > 0.8, "\(loss): \(share)")
    }

    @Test(arguments: RetrievalLosses.names) func everyLossLearnsTheRing(loss: String) throws {
        let share = try Self.hits(Self.settings { Self.choose(loss, in: &$0) })
        #expect(share > 0.8, "\(loss): \(share)")
    }

    @Test(arguments: ["softmax_loss", "sampled_softmax", "ccl", "gbce", "bpr", "softmax_loss_at_k"])
    func uniformNegativesAloneLearnTheRing(loss: String) throws {
        let share = try Self.hits(
            Self.settings {
                $0.inBatchNegatives = false
                Self.choose(loss, in: &$0)
            })
        #expect(share > 0.8, "\(loss): \(share)")
    }

    /// Factors of what users met place items that lie together near each other before the first step.
    @Test func aFactorizedStartIsAheadOfARandomOne() throws {
        func loss(_ initial: InitialEmbeddings) throws -> Float {
            let settings = Self.settings {
                $0.userTower = "features"
                $0.userID = true
                $0.initial = initial
                $0.epochs = 1
                $0.learningRate = 1e-6
            }
            return try RetrievalTrainer(settings: settings, seed: 5, workers: 2).train(try Self.data(settings))
                .summary.loss
        }
        let (random, factorized) = (try loss(.random), try loss(.ials))
        #expect(factorized < random - 0.1, "\(factorized), \(random)")
    }

    /// One draw is often the positive itself: a row without any negative gives no loss.
    @Test func aDrawnPositiveIsNoNegative() throws {
        let settings = Self.settings {
            $0.inBatchNegatives = false
            $0.loss = "softmax_loss"
            $0.uniformNegatives = 1
            $0.epochs = 2
        }
        let trained = try RetrievalTrainer(settings: settings, seed: 2, workers: 2).train(try Self.data(settings))
        #expect(abs(trained.summary.loss) < 20)
    }

    @Test func lossesThatCorrectForTheBatchNeedIt() {
        for loss in ["logq", "corrected_logq"] {
            let settings = Self.settings {
                $0.inBatchNegatives = false
                $0.loss = loss
            }
            #expect(settings.problems().joined().contains("retrieval.in_batch_negatives"))
        }
    }

    @Test func aTowerOfFeaturesNeedsSome() throws {
        let settings = Self.settings { $0.userTower = "features" }
        let data = try Self.data(settings)
        #expect { try RetrievalTrainer(settings: settings, seed: 1, workers: 1).train(data) } throws: {
            "\($0)".contains("retrieval.user_id")
        }
    }

    @Test func anAttentiveTowerLearnsWhatLiesRoundAPast() throws {
        let share = try Self.hits(Self.settings { $0.userTower = "attention" }, near: true)
        #expect(share > 0.8, "\(share)")
    }

    @Test(arguments: ["comirec_sa", "mind"], [0.0, 1]) func towersOfSeveralVectorsLearnWhatLiesRoundAPast(
        tower: String, attention: Double
    ) throws {
        let share = try Self.hits(
            Self.settings {
                $0.userTower = tower
                $0.labelAttention = attention
            }, near: true)
        #expect(share > 0.8, "\(tower), attention \(attention): \(share)")
    }

    /// Every loss reads the rows of such a tower; one of them estimates the head of lists by its vectors.
    @Test(arguments: RetrievalLosses.names) func everyLossTrainsATowerOfSeveralVectors(loss: String) throws {
        let settings = Self.settings {
            Self.choose(loss, in: &$0)
            $0.userTower = "comirec_sa"
            $0.epochs = 3
        }
        var losses: [Double] = []
        _ = try RetrievalTrainer(settings: settings, seed: 1, workers: 2).train(
            try Self.data(settings), epochEnd: { losses.append($0.loss) })
        #expect(losses.allSatisfy { $0.isFinite })
        #expect(losses[2] < losses[0], "\(loss): \(losses)")
    }

    /// Frozen logits of the routing too.
    @Test(arguments: ["comirec_sa", "mind"]) func towersOfSeveralVectorsRepeat(tower: String) throws {
        let settings = Self.settings {
            $0.userTower = tower
            $0.epochs = 2
        }
        let data = try Self.data(settings)
        func vectors(seed: UInt64) throws -> [Float] {
            let trained = try RetrievalTrainer(settings: settings, seed: seed, workers: 2).train(data)
            let model = RetrievalInference(
                model: trained.model, map: data.map, store: trained.store, catalog: data.retrievalItems)
            return try HistorySlice.lend(items: [1, 2, 3, 20, 21], codes: [1, 1, 1, 1, 1]) {
                try model.userVectors(users: data.retrievalUsers, row: 0, history: $0)
            }
        }
        let first = try vectors(seed: 1)
        #expect(first == (try vectors(seed: 1)))
        #expect(first != (try vectors(seed: 2)))
    }

    /// A pooled tower learns what lies round a past, and cannot tell which end is the newer.
    @Test func aPooledTowerDoesNotKnowTheOrder() throws {
        let settings = Self.settings { $0.userTower = "pooled" }
        let next = try Self.hits(settings)
        let beside = try Self.hits(settings, near: true)
        #expect(next < 0.8, "\(next)")
        #expect(beside > 0.8, "\(beside)")
    }

    /// Without contexts that have no past, a pooled tower knows nothing of users without one.
    @Test(arguments: ["pooled", "sasrec", "gated"]) func strangersAreGivenWhatManyLike(tower: String) throws {
        var log = InteractionLog()
        log.users = (0..<60).map { UserID("u\($0 + 100)") }
        log.items = (0..<Self.items).map { ItemID("i\($0 + 100)") }
        log.signals = ["click"]
        for user in 0..<60 {
            // Everybody has items 0 to 3, and six others by chance.
            for item in [0, 1, 2, 3] + (0..<6).map({ 4 + (user * 5 + $0 * 11) % 36 }) {
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(item))
                log.time.append(Int64(log.time.count) * 60_000_000)
                log.feedback.append(1)
                log.observed.append(1)
                log.isImpression.append(false)
            }
        }
        let settings = Self.settings {
            $0.userTower = tower
            $0.strangers = 0.2
        }
        let data = try TrainingData(
            period: Period(), log: log, users: [], items: [], definitions: [], settings: FeatureSettings(),
            retrieval: settings)
        let trained = try RetrievalTrainer(settings: settings, seed: 5, workers: 2).train(data)
        let model = RetrievalInference(
            model: trained.model, map: data.map, store: trained.store, catalog: data.retrievalItems)
        let vectors = try model.itemVectors(rows: 0..<Self.items)
        let stranger = try HistorySlice.lend(items: [], codes: []) {
            try model.userVector(users: data.retrievalUsers, row: 0, history: $0)
        }
        let scores = (0..<Self.items).map { item in
            (0..<model.dimension).reduce(Float(0)) { $0 + stranger[$1] * vectors[item * model.dimension + $1] }
        }
        let best = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(4)
        #expect(Set(best).isSuperset(of: tower == "pooled" ? [0, 1, 2, 3] : [0]), "\(tower): \(best)")
    }

    /// One user and more workers: some have nothing to do.
    @Test(arguments: UserEncoders.names) func fewerUsersThanWorkersAreTrained(tower: String) throws {
        let settings = Self.settings {
            $0.userTower = tower
            $0.userID = true
            $0.epochs = 2
        }
        let trained = try RetrievalTrainer(settings: settings, seed: 1, workers: 3).train(
            try Self.data(settings, users: 1))
        #expect(trained.summary.loss.isFinite)
    }

    @Test(arguments: ["pooled", "sasrec"]) func anEpochTellsItsNumberTargetsAndLoss(tower: String) throws {
        let settings = Self.settings {
            $0.userTower = tower
            $0.epochs = 3
        }
        let data = try Self.data(settings)
        var numbers: [Int] = []
        _ = try RetrievalTrainer(settings: settings, seed: 1, workers: 2).train(
            data,
            epochEnd: { epoch in
                numbers.append(epoch.number)
                // All but those that do not fill the last step.
                #expect(epoch.targets <= data.log.count && epoch.targets > data.log.count - 2 * settings.batchSize)
                #expect(epoch.loss.isFinite)
            })
        #expect(numbers == [1, 2, 3])
    }

    @Test(arguments: ItemFrequencies.allCases) func theSameSeedGivesTheSameBits(frequencies: ItemFrequencies) throws {
        let settings = Self.settings {
            $0.epochs = 2
            $0.itemFrequencies = frequencies
        }
        let data = try Self.data(settings)
        func vectors(seed: UInt64) throws -> [Float] {
            let trained = try RetrievalTrainer(settings: settings, seed: seed, workers: 2).train(data)
            return try RetrievalInference(
                model: trained.model, map: data.map, store: trained.store, catalog: data.retrievalItems
            ).itemVectors(rows: 0..<Self.items)
        }
        let first = try vectors(seed: 1)
        #expect(first == (try vectors(seed: 1)))
        #expect(first != (try vectors(seed: 2)))
    }
}
