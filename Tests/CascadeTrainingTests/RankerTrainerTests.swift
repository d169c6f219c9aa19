import CascadeCore
import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels
@testable import CascadeTraining

/// Training of the ranker on users who like every other category.
@Suite struct RankerTrainerTests {
    /// Whether user and item go together is a matter of both.
    ///
    /// - Parameter firstPlaces: how much likelier a view is in the first half of a list of five.
    static func data(
        users: Int = 40, steps: Int = 25, times: Bool = false, firstPlaces: Double = 1,
        values: [String: ValueHeadSettings] = [:], features change: (inout FeatureSettings) -> Void = { _ in }
    ) throws -> TrainingData {
        var random = SeededRandom(seed: 4)
        var log = InteractionLog()
        log.users = (0..<users).map { UserID("u\($0 + 100)") }
        log.items = (0..<40).map { ItemID("i\($0 + 100)") }
        log.signals = ["view", "like"]
        for user in 0..<users {
            for step in 0..<steps {
                let item = random.below(40)
                let fits = (user + item) % 2 == 0
                let views = random.uniform() < (fits ? 0.8 : 0.2) / (step % 5 < 2 ? 1 : firstPlaces)
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(item))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(views ? (random.uniform() < 0.5 ? 3 : 1) : 0)
                log.observed.append(3)
                log.isImpression.append(true)
                log.position.append(Int16(step % 5))
            }
        }
        // How long a view is, is a matter of the item.
        log.values["view"] = Column(
            log.itemIndex.indices.map { row in
                log.feedback[row] & 1 == 0 ? .nan : Float(log.itemIndex[row] % 4 + 1)
            })
        let items = (0..<40).map { (number: Int) -> Item in
            Item(
                id: ItemID("i\(number + 100)"), categories: ["k\(number % 2)"],
                attributes: ["length": .number(Double(number))])
        }
        let people = (0..<users).map {
            User(id: UserID("u\($0 + 100)"), attributes: ["side": .text("s\($0 % 2)"), "age": .number(Double($0))])
        }
        var features = FeatureSettings()
        features.historyLength = 8
        features.times = times
        features.minimumPositives = 20
        change(&features)
        return try TrainingData(
            period: Period(), log: log, users: people, items: items,
            definitions: [
                AttributeDefinition(entity: .item, name: "length", kind: .numeric),
                AttributeDefinition(entity: .user, name: "side", kind: .categorical),
                AttributeDefinition(entity: .user, name: "age", kind: .numeric),
            ], settings: features, retrieval: RetrievalSettings(), values: values)
    }

    static func settings(_ change: (inout RankerSettings) -> Void = { _ in }) -> RankerSettings {
        var settings = RankerSettings()
        settings.batchSize = 200
        settings.epochs = 3
        settings.numericWidth = 4
        settings.historyWidth = 8
        settings.crossRank = 8
        settings.deep = [24, 12]
        settings.learningRate = 0.01
        settings.warmupSteps = 2
        settings.dropout = 0.1
        change(&settings)
        return settings
    }

    private static func train(
        _ data: TrainingData, _ settings: RankerSettings, workers: Int = 2
    ) throws -> (store: ParameterStore, loss: Float) {
        let trained = try RankerTrainer(settings: settings, seed: 3, workers: workers).train(data)
        return (trained.store, trained.summary.loss)
    }

    /// A weight that training leaves where it began reads nothing, or is read by nothing.
    @Test(arguments: RankerMembers.all) func everyWeightIsTrainedAndBitsRepeat(member: RankerMembers) throws {
        let settings = Self.settings(member.apply)
        let data = try Self.data(values: settings.values)
        let (store, loss) = try Self.train(data, settings)
        // Pairs, learned weights and what is learned beside the labels are other quantities.
        let isPlain =
            settings.loss == "binary_cross_entropy" && !settings.learnsWeights && !settings.hasTaughtLogits
            && settings.corruption == 0 && settings.values.isEmpty
        if isPlain { #expect(loss < 1.3, "no better than a coin, 1.39: \(loss)") }
        let start = ParameterStore()
        _ = try RankingModel(settings: settings, map: data.map, store: start)
        try start.allocate(seed: 3)
        for (parameter, first) in zip(store.parameters, start.parameters) {
            #expect(!store.weights(parameter).elementsEqual(start.weights(first)), "\(parameter.name) is as it began")
        }
        let again = try Self.train(data, settings).store
        for (parameter, other) in zip(store.parameters, again.parameters) {
            #expect(store.weights(parameter).elementsEqual(again.weights(other)), "\(parameter.name)")
        }
    }

    /// Rows of every encoding learn, and those alone that some token of training looks up.
    @Test(arguments: TableEncoding.allCases) func rowsOfEveryEncodingAreTrained(encoding: TableEncoding) throws {
        let data = try Self.data {
            $0.tables = encoding
            $0.tableRows = 400
        }
        let (store, loss) = try Self.train(data, Self.settings())
        #expect(loss < 1.3, "no better than a coin, 1.39: \(loss)")
        let start = ParameterStore()
        _ = try RankingModel(settings: Self.settings(), map: data.map, store: start)
        try start.allocate(seed: 3)
        let (table, first) = (try #require(store.tables.first), try #require(start.tables.first))
        #expect(table.rows == data.map.ranker.table.rows)
        let (now, before) = (Array(store.weights(table)), Array(start.weights(first)))
        let read = Set([data.rankerUsers, data.rankerItems].flatMap { $0.lookups + $0.tokens.joined() })
        for row in 0..<table.rows {
            let columns = (row * table.dimension)..<((row + 1) * table.dimension)
            #expect((now[columns] != before[columns]) == read.contains(Int32(row)), "row \(row)")
        }
    }

    /// Tables that stay as they are after the first pass are those that a training of one pass would have, at its rates.
    @Test func tablesStayWhereTheyAreAfterTheirPasses() throws {
        let data = try Self.data()
        func table(_ change: @escaping (inout RankerSettings) -> Void) throws -> [Float] {
            let store = try Self.train(data, Self.settings(change)).store
            return store.tables.flatMap { Array(store.weights($0)) }
        }
        let stopped = try table { $0.tableEpochs = 1 }
        let free = try table { _ in }
        let never = try table { $0.tableEpochs = 3 }
        #expect(stopped != free)
        #expect(never == free)
    }

    /// What is averaged is what is kept of the dense weights; it takes no part in training, so the tables are the same.
    @Test func averagesAreOfDenseWeightsAndChangeNothingElse() throws {
        let data = try Self.data()
        let plain = try Self.train(data, Self.settings()).store
        let averaged = try Self.train(data, Self.settings { $0.average = 0.9 }).store
        for (left, right) in zip(plain.tables, averaged.tables) {
            #expect(plain.weights(left).elementsEqual(averaged.weights(right)))
        }
        for (left, right) in zip(plain.parameters, averaged.parameters) {
            #expect(!plain.weights(left).elementsEqual(averaged.weights(right)), "\(left.name)")
        }
    }

    /// A row that the last pass did not touch is as that pass began it: without a trace of the passes before.
    @Test func tablesThatBeginAnewForgetThePassesBefore() throws {
        let data = try Self.data()
        let settings = Self.settings {
            $0.tableRestart = true
            $0.tableDecay = 0
        }
        let store = try Self.train(data, settings).store
        let fresh = ParameterStore()
        _ = try RankingModel(settings: settings, map: data.map, store: fresh)
        try fresh.allocate(seed: 3)
        for table in fresh.tables { fresh.reinitialise(table, seed: 3 + 2) }
        let (trained, begun) = (store.weights(store.tables[0]), fresh.weights(fresh.tables[0]))
        let same = zip(trained, begun).count { $0 == $1 }
        #expect(same > 0 && same < trained.count, "\(same) of \(trained.count) floats as the last pass began them")
    }

    /// Rows of a user lie in stretches, each row comes once, and the order differs from pass to pass.
    @Test func pairsAreOfStretchesOfOneUser() throws {
        let data = try Self.data(users: 10, steps: 20)
        let trainer = RankerTrainer(settings: Self.settings { $0.pairwiseGroup = 8 }, seed: 1, workers: 1)
        let rows = [Int32](0..<Int32(data.log.count))
        let first = trainer.order(of: rows, epoch: 0, groups: data.log)
        #expect(first.sorted() == rows)
        #expect(first != trainer.order(of: rows, epoch: 1, groups: data.log))
        let changes = zip(first, first.dropFirst()).count { data.log.user[Int($0)] != data.log.user[Int($1)] }
        #expect(changes < 30, "ten users of twenty rows are thirty stretches at most")
    }

    @Test func settingsOfLossesAreChecked() {
        let problems = Self.settings {
            $0.loss = "weighted_target"
            $0.learnsWeights = true
            $0.conversions = ["like": "view"]
            $0.pairwiseWeight = 2
            $0.average = 1
            $0.tableRestart = true
            $0.tableEpochs = 1
            $0.structure = .interactionOnly
            $0.tasks = "moe"
            $0.lossWeights = ["like": 0]
        }.problems().joined(separator: "\n")
        let pairs = Self.settings {
            $0.loss = "pairwise"
            $0.pairwiseWeight = 1
            $0.learnsWeights = true
        }.problems()
        #expect(pairs.contains { $0.contains("pairwise_weight 1") })
        for circle in [["view": "view"], ["like": "view", "view": "like"], ["a": "b", "b": "c", "c": "b"]] {
            #expect(Self.settings { $0.conversions = circle }.problems().contains { $0.contains("circle") })
        }
        #expect(Self.settings { $0.conversions = ["a": "b", "c": "b"] }.problems().isEmpty)
        for key in [
            "learned_weights", "conversions", "pairwise_weight", "average", "table_restart", "tasks", "loss_weights",
        ] {
            #expect(problems.contains("ranker.\(key)"), "\(key)")
        }
    }
}

/// Choices of the ranker's parts by name; the others are the defaults.
struct RankerMembers: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (inout RankerSettings) -> Void

    static let all: [RankerMembers] =
        HistoryEncoders.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "history \(name)") { $0.history = name }
        }
        + Interactions.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "interaction \(name)") { $0.interaction = name }
        }
        + DeepNetworks.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "deep \(name)") { $0.deepForm = name }
        }
        + TaskNetworks.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "tasks \(name)") { $0.tasks = name }
        }
        + NumberMap.allCases.map { map in
            RankerMembers(testDescription: "numbers \(map.rawValue)") { $0.numberMap = map }
        }
        + RankerLosses.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "loss \(name)") { $0.loss = name }
        }
        + [
            RankerMembers(testDescription: "pairs with a margin") {
                $0.loss = "pairwise"
                $0.pairwiseMargin = 0.5
                $0.pairwiseWeight = 0.7
            },
            RankerMembers(testDescription: "learned weights") { $0.learnsWeights = true },
            RankerMembers(testDescription: "like follows view") { $0.conversions = ["like": "view"] },
            RankerMembers(testDescription: "averages") { $0.average = 0.9 },
            RankerMembers(testDescription: "tables begin anew") { $0.tableRestart = true },
            RankerMembers(testDescription: "short rows") { $0.tableNorm = 0.1 },
            RankerMembers(testDescription: "decay") { $0.weightDecay = 0.01 },
            RankerMembers(testDescription: "factorized start, anew with each pass") {
                $0.initial = .ials
                $0.tableRestart = true
            },
            RankerMembers(testDescription: "contrastive start, kept for a pass") {
                $0.initial = .contrastive
                $0.tableFrozenEpochs = 1
            },
            RankerMembers(testDescription: "corruption") { $0.corruption = 0.1 },
            RankerMembers(testDescription: "teachers") { $0.teachers = 2 },
            RankerMembers(testDescription: "teachers of towers") {
                $0.teachers = 1
                $0.tasks = "mmoe"
                $0.tower = [6]
            },
            RankerMembers(testDescription: "teachers of labels") {
                $0.teachers = 1
                $0.teacherForm = .direct
            },
            RankerMembers(testDescription: "positions") { $0.debiasPosition = true },
        ]
        + values

    private static let values: [RankerMembers] =
        ValueLossKind.allCases.flatMap { loss in
            TaskNetworks.members.all.keys.sorted().map { name in
                RankerMembers(testDescription: "values \(loss.rawValue) of tasks \(name)") {
                    $0.tasks = name
                    $0.values = ["seconds": value(loss)]
                }
            }
        }
        + RankerLosses.members.all.keys.sorted().map { name in
            RankerMembers(testDescription: "values beside loss \(name)") {
                $0.loss = name
                $0.values = ["seconds": value(.histogram)]
            }
        }
        + [
            RankerMembers(testDescription: "values with all that is learned beside them") {
                $0.teachers = 1
                $0.debiasPosition = true
                $0.corruption = 0.1
                $0.learnsWeights = true
                $0.tower = [6]
                $0.values = ["seconds": value(.histogram), "others": value(.squared)]
            }
        ]

    private static func value(_ loss: ValueLossKind) -> ValueHeadSettings {
        var settings = ValueHeadSettings(signal: "view")
        settings.loss = loss
        return settings
    }
}
