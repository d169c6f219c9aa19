import CascadeCore
import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels
@testable import CascadeTraining

/// Training of the ranker on users who like every other category.
@Suite struct RankerTrainerTests {
    /// Whether user and item go together is a matter of both.
    static func data(users: Int = 60, steps: Int = 30) throws -> TrainingData {
        var random = SeededRandom(seed: 4)
        var log = InteractionLog()
        log.users = (0..<users).map { UserID("u\($0 + 100)") }
        log.items = (0..<40).map { ItemID("i\($0 + 100)") }
        log.signals = ["view", "like"]
        for user in 0..<users {
            for step in 0..<steps {
                let item = random.below(40)
                let fits = (user + item) % 2 == 0
                let views = random.uniform() < (fits ? 0.8 : 0.2)
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(item))
                log.time.append(Int64(step) * 60_000_000)
                log.feedback.append(views ? (random.uniform() < 0.5 ? 3 : 1) : 0)
                log.observed.append(3)
                log.isImpression.append(true)
            }
        }
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
        features.minimumPositives = 20
        return try TrainingData(
            period: Period(), log: log, users: people, items: items,
            definitions: [
                AttributeDefinition(entity: .item, name: "length", kind: .numeric),
                AttributeDefinition(entity: .user, name: "side", kind: .categorical),
                AttributeDefinition(entity: .user, name: "age", kind: .numeric),
            ], settings: features, retrieval: RetrievalSettings())
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
        let data = try Self.data()
        let settings = Self.settings(member.apply)
        let (store, loss) = try Self.train(data, settings)
        #expect(loss < 1.2, "worse than the rates of both heads alone, 1.25: \(loss)")
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
}
