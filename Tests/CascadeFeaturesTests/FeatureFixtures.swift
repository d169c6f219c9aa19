import CascadeCore
import CascadeFeatures

/// A small world for the tests of features: users u0…, items i0…, two signals.
enum FeatureFixtures {
    static func log(users: Int, items: Int, rows: Int, seed: UInt64) -> InteractionLog {
        var random = SeededRandom(seed: seed)
        var log = InteractionLog()
        log.users = (0..<users).map { UserID(name("u", $0)) }
        log.items = (0..<items).map { ItemID(name("i", $0)) }
        log.signals = ["view", "like"]
        for user in 0..<users {
            for step in 0..<(rows / users) {
                let viewed = random.uniform() < 0.4
                log.userIndex.append(Int32(user))
                log.itemIndex.append(Int32(random.below(items)))
                log.time.append(Int64(step) * 700_000 + 1_600_000_000_000_000)
                log.feedback.append((viewed ? 1 : 0) | (viewed && random.uniform() < 0.5 ? 2 : 0))
                log.observed.append(3)
                log.isImpression.append(true)
            }
        }
        return log
    }

    static func items(_ count: Int) -> [Item] {
        (0..<count).map { number in
            Item(
                id: ItemID(name("i", number)), creatorID: "c\(number % 5)",
                categories: ["k\(number % 3)", "k\(number % 4 + 3)"],
                attributes: ["length": .number(Double(number * 10)), "kind": .text("t\(number % 2)")])
        }
    }

    static func users(_ count: Int) -> [User] {
        (0..<count).map { number in
            User(
                id: UserID(name("u", number)),
                attributes: number % 3 == 0 ? [:] : ["age": .number(Double(number)), "city": .text("x\(number % 4)")])
        }
    }

    static let definitions = [
        AttributeDefinition(entity: .item, name: "length", kind: .numeric),
        AttributeDefinition(entity: .item, name: "kind", kind: .categorical),
        AttributeDefinition(entity: .item, name: "blurb", kind: .text),
        AttributeDefinition(entity: .user, name: "age", kind: .numeric),
        AttributeDefinition(entity: .user, name: "city", kind: .categorical),
    ]

    static func settings() -> FeatureSettings {
        var settings = FeatureSettings()
        settings.minimumPositives = 5
        settings.historyLength = 10
        settings.retrievalHistoryLength = 20
        settings.bins = 6
        settings.counterFolds = 4
        return settings
    }

    /// A fitted map with its encoded log.
    static func fitted(
        users: Int = 30, items: Int = 20, rows: Int = 900, seed: UInt64 = 1
    ) throws -> (map: FeatureMap, rows: EntityRows, log: EncodedLog, raw: InteractionLog) {
        let log = log(users: users, items: items, rows: rows, seed: seed)
        let rows = EntityRows(users: Self.users(users), items: Self.items(items), log: log)
        let map = try FeatureMapFitting(settings: settings(), retrieval: .init(dimension: 16))
            .fit(log: log, rows: rows, definitions: definitions)
        let encoded = EncodedLog(log, catalog: rows, heads: map.heads, historySignals: map.historySignals)
        return (map, rows, encoded, log)
    }

    private static func name(_ prefix: String, _ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
