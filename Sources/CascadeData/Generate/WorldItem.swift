import CascadeCore
import Foundation

/// An item with what only the world knows of it.
struct WorldItem: Sendable {
    /// Interests have this many subtopics each.
    static let subtopics = 4

    let item: Item
    /// The planted interest, and its subtopic.
    let interest: Int
    let subtopic: Int
    /// Standard normal; raises all feedback.
    let quality: Double
    /// How much the logging policy favours it.
    let appeal: Double
    let duration: Double
    let createdAt: Timestamp

    static let definitions: [AttributeDefinition] = [
        AttributeDefinition(entity: .item, name: "category", kind: .categorical),
        AttributeDefinition(entity: .item, name: "tags", kind: .multi),
        AttributeDefinition(entity: .item, name: "format", kind: .categorical),
        AttributeDefinition(entity: .item, name: "duration", kind: .numeric),
        AttributeDefinition(entity: .item, name: "production", kind: .numeric),
    ]

    private static let topics = [
        "football", "cooking", "travel", "gardening", "chess", "astronomy", "jazz", "climbing", "painting", "history",
        "robotics", "cycling", "baking", "sailing", "birds", "cinema", "fashion", "chemistry", "running", "pottery",
        "trains", "fishing", "poetry", "surfing",
    ]

    /// The name of an interest, which is the category that most of its items say.
    static func category(_ interest: Int) -> String {
        interest < topics.count ? topics[interest] : "topic\(interest)"
    }

    /// All items of a world, in the order of their identifiers.
    static func all(_ settings: WorldSettings) -> [WorldItem] {
        var random = WorldRandom(seed: settings.seed, part: .items)
        // Interests differ in size, the largest about five times the smallest.
        let sizes = (0..<settings.interests).map { 1 / (1 + 4 * Double($0) / Double(settings.interests)) }
        return (0..<settings.items).map { number in
            // The first items go round all interests, so that none is empty.
            let interest = number < settings.interests * 4 ? number % settings.interests : random.index(weights: sizes)
            return WorldItem(number: number, interest: interest, settings, &random)
        }
    }

    private init(number: Int, interest: Int, _ settings: WorldSettings, _ random: inout WorldRandom) {
        self.interest = interest
        subtopic = random.below(Self.subtopics)
        quality = random.normal()
        appeal = exp(0.8 * quality + 0.8 * random.normal())
        let typicalMinutes = 1 + Double(interest % 7) * 1.5
        duration = (60 * typicalMinutes * exp(0.5 * random.normal())).rounded()
        let isOld = number < settings.interests * 4 || !random.chance(settings.newItems)
        let day = 86_400.0
        createdAt = Self.wholeSecond(
            isOld
                ? settings.start.adding(seconds: -(1 + 200 * random.uniform()) * day)
                : settings.start.adding(seconds: Double(settings.days) * day * random.uniform()))
        item = Self.describe(
            number, interest, subtopic, quality, duration, createdAt, settings, &random)
    }

    private static func describe(
        _ number: Int, _ interest: Int, _ subtopic: Int, _ quality: Double, _ duration: Double,
        _ createdAt: Timestamp, _ settings: WorldSettings, _ random: inout WorldRandom
    ) -> Item {
        // What an item says of itself is right most of the time.
        let said = random.chance(0.92) ? interest : random.below(settings.interests)
        var tags: [String] = []
        for _ in 0..<random.within(2...4) {
            let about = random.chance(0.85) ? (said, subtopic) : (random.below(settings.interests), random.below(4))
            let tag = "\(category(about.0))-\(["a", "b", "c", "d"][about.1])\(random.within(1...3))"
            if !tags.contains(tag) { tags.append(tag) }
        }
        let creators = max(2, settings.items / settings.interests / 8)
        let maker = random.chance(0.95) ? interest : random.below(settings.interests)
        return Item(
            id: ItemID(WorldName.make("item", number, of: settings.items)),
            title: "\(category(said).capitalized): \(tags.joined(separator: ", "))",
            creatorID: "creator-\(category(maker))-\(random.below(creators) + 1)", categories: [category(said)],
            attributes: [
                "category": .text(category(said)), "tags": .list(tags), "duration": .number(duration),
                "format": .text(["short", "long", "live"][random.index(weights: [0.6, 0.3, 0.1])]),
                "production": .number(((quality + random.normal()) * 100).rounded() / 100),
            ],
            createdAt: createdAt, hidden: random.chance(settings.hiddenItems))
    }

    static func wholeSecond(_ time: Timestamp) -> Timestamp { Timestamp(seconds: time.seconds.rounded(.down)) }
}

/// Identifiers of generated things.
enum WorldName {
    /// `prefix-0042`, with as many digits as the last of `count` needs.
    static func make(_ prefix: String, _ number: Int, of count: Int) -> String {
        let digits = String(number)
        let width = String(max(1, count - 1)).count
        return "\(prefix)-" + String(repeating: "0", count: width - digits.count) + digits
    }
}
