import CascadeCore
import Foundation

/// A user with what only the world knows of them.
struct WorldUser: Sendable {
    /// A planted interest of a user.
    struct Interest: Sendable {
        let interest: Int
        /// The strengths of a user add up to 1.
        let strength: Double
        /// The subtopics that the user likes best, as bits.
        let subtopics: UInt8
    }

    let user: User
    /// The strongest first.
    let interests: [Interest]
    let arrival: Timestamp
    /// Visits a day, relative to other users.
    let activity: Double
    /// Added to the log odds of every click.
    let bias: Double

    static let definitions: [AttributeDefinition] = [
        AttributeDefinition(entity: .user, name: "age_band", kind: .categorical),
        AttributeDefinition(entity: .user, name: "country", kind: .categorical),
        AttributeDefinition(entity: .user, name: "device", kind: .categorical),
        AttributeDefinition(entity: .user, name: "tenure_days", kind: .numeric),
    ]

    private static let ages = ["18-24", "25-34", "35-44", "45-54", "55+"]
    private static let countries = ["br", "de", "fr", "in", "jp", "us"]

    /// All users of a world, in the order of their identifiers.
    static func all(_ settings: WorldSettings) -> [WorldUser] {
        var random = WorldRandom(seed: settings.seed, part: .users)
        let sizes = (0..<settings.interests).map { 1 / (1 + 4 * Double($0) / Double(settings.interests)) }
        return (0..<settings.users).map { WorldUser(number: $0, settings, sizes: sizes, &random) }
    }

    private init(number: Int, _ settings: WorldSettings, sizes: [Double], _ random: inout WorldRandom) {
        interests = Self.plant(sizes, &random)
        activity = exp(0.7 * random.normal())
        bias = 0.4 * random.normal()
        let day = 86_400.0
        let span = Double(settings.days) * day
        let isLate = random.chance(settings.lateUsers)
        let joined = WorldItem.wholeSecond(
            isLate
                ? settings.start.adding(seconds: 0.98 * span * random.uniform())
                : settings.start.adding(seconds: -(1 + 900 * random.uniform()) * day))
        arrival = max(joined, settings.start)
        let primary = interests[0].interest
        let typicalAge = Double(primary * Self.ages.count / settings.interests)
        let ageWeights = Self.ages.indices.map { exp(-pow(Double($0) - typicalAge, 2) / 1.5) }
        let country = random.chance(0.55) ? primary % Self.countries.count : random.below(Self.countries.count)
        user = User(
            id: UserID(WorldName.make("user", number, of: settings.users)),
            attributes: [
                "age_band": .text(Self.ages[random.index(weights: ageWeights)]),
                "country": .text(Self.countries[country]),
                "device": .text(["phone", "tablet", "desktop"][random.index(weights: [0.7, 0.1, 0.2])]),
                "tenure_days": .number(max(0, ((settings.end.seconds - joined.seconds) / day).rounded(.down))),
            ],
            createdAt: joined)
    }

    private static func plant(_ sizes: [Double], _ random: inout WorldRandom) -> [Interest] {
        let count = min(sizes.count, 1 + random.index(weights: [0.25, 0.35, 0.25, 0.15]))
        var left = sizes
        var chosen: [(interest: Int, weight: Double)] = []
        for place in 0..<count {
            let interest = random.index(weights: left)
            left[interest] = 0
            chosen.append((interest, pow(0.6, Double(place)) * (0.8 + 0.4 * random.uniform())))
        }
        chosen.sort { ($0.weight, $1.interest) > ($1.weight, $0.interest) }
        let total = chosen.reduce(0) { $0 + $1.weight }
        return chosen.map { one in
            let first = random.below(WorldItem.subtopics)
            let second = random.below(WorldItem.subtopics)
            return Interest(
                interest: one.interest, strength: one.weight / total, subtopics: UInt8(1 << first | 1 << second))
        }
    }

    /// How much an item is to the user's taste, from 0 to 1: 1 for a liked subtopic of the strongest interest.
    func affinity(interest: Int, subtopic: Int) -> Double {
        guard let own = interests.first(where: { $0.interest == interest }) else { return 0 }
        let strength = (own.strength / interests[0].strength).squareRoot()
        return strength * (own.subtopics & UInt8(1 << subtopic) != 0 ? 1 : 0.35)
    }
}
