import CascadeCore
import Foundation

/// What was shown in the generated world and what came of it, slate by slate in the order of time.
struct WorldLog: IteratorProtocol {
    /// One list of items shown to one user.
    struct Slate {
        var impressions: [Impression] = []
        var events: [Event] = []
    }

    /// The kinds of feedback of the world.
    static let signals = ["click", "like", "long_view"]

    private struct Visit {
        let second: Int
        let user: Int
    }

    private let settings: WorldSettings
    private let items: [WorldItem]
    private let users: [WorldUser]
    private let visits: [Visit]
    private var policy: LoggingPolicy
    private var random: WorldRandom
    private var position = 0
    private var day = -1
    // What each user was shown; an item comes again only after the user has seen half of them all.
    private var shown: [[Int]]

    init(_ settings: WorldSettings, users: [WorldUser], items: [WorldItem]) {
        self.settings = settings
        self.items = items
        self.users = users
        visits = Self.plan(settings, users)
        policy = LoggingPolicy(items, settings)
        random = WorldRandom(seed: settings.seed, part: .log)
        shown = Array(repeating: [], count: users.count)
    }

    mutating func next() -> Slate? {
        guard position < visits.count else { return nil }
        let visit = visits[position]
        defer { position += 1 }
        let today = visit.second / 86_400
        if today != day {
            day = today
            policy.begin(day: settings.start.adding(seconds: Double(today) * 86_400))
        }
        return slate(visit)
    }

    /// When who comes: users by their activity, more of them in the evening.
    private static func plan(_ settings: WorldSettings, _ users: [WorldUser]) -> [Visit] {
        var random = WorldRandom(seed: settings.seed, part: .visits)
        let slates = Double(settings.impressions) / Double(settings.slate)
        let present = users.map { $0.activity * (settings.end.seconds - $0.arrival.seconds) }
        let total = present.reduce(0, +)
        var visits: [Visit] = []
        visits.reserveCapacity(Int(slates * 1.1))
        for (index, user) in users.enumerated() {
            let expected = slates * present[index] / total
            let count = Int(expected) + (random.chance(expected - expected.rounded(.down)) ? 1 : 0)
            let first = Int(user.arrival.seconds - settings.start.seconds)
            let last = settings.days * 86_400
            for number in 0..<count {
                var second = first + random.below(max(1, last - first))
                // A second try in the afternoon makes evenings busier; the first visit is at the arrival.
                if second % 86_400 < 43_200, random.chance(0.5) { second = min(second + 43_200, last - 1) }
                if number == 0, first > 0 { second = first }
                visits.append(Visit(second: second, user: index))
            }
        }
        return visits.sorted { ($0.second, $0.user) < ($1.second, $1.user) }
    }

    private mutating func slate(_ visit: Visit) -> Slate {
        let user = users[visit.user]
        if shown[visit.user].count * 2 > policy.available { shown[visit.user] = [] }
        let start = settings.start.adding(seconds: Double(visit.second))
        let isKnown = start.seconds - user.arrival.seconds > 86_400 || user.arrival <= settings.start
        let drawn = policy.slate(for: user, isKnown: isKnown, excluded: shown[visit.user], &random)
        // A visit is in the mood of one of the user's interests.
        let mood = user.interests[random.index(weights: user.interests.map(\.strength))].interest
        let id = WorldName.make("slate", position, of: max(visits.count, 1_000_000))
        var slate = Slate()
        for (place, choice) in drawn.enumerated() {
            shown[visit.user].append(choice.item)
            let item = items[choice.item]
            slate.impressions.append(
                Impression(
                    id: id, userID: user.user.id, itemID: item.item.id, shownAt: start, position: place,
                    propensity: choice.propensity, observed: Self.signals))
            react(user, to: item, at: place, mood: mood, shownAt: start, slate: id, &slate.events)
        }
        return slate
    }

    /// Draws the feedback to one item. Where it is looked at, which is less likely further down, the log odds of a
    /// click grow with taste, mood and quality; a clicked item is watched the longer the more it is to the taste.
    private mutating func react(
        _ user: WorldUser, to item: WorldItem, at place: Int, mood: Int, shownAt: Timestamp, slate: String,
        _ events: inout [Event]
    ) {
        let taste = user.affinity(interest: item.interest, subtopic: item.subtopic)
        let inMood = taste > 0 && item.interest == mood ? 0.7 : 0
        let odds = -2.9 + 3.4 * taste + inMood + 0.6 * item.quality + user.bias + 0.4 * random.normal()
        let isLookedAt = random.chance(1 / (1 + 0.12 * Double(place)))
        let wouldClick = random.chance(sigmoid(odds))
        guard isLookedAt, wouldClick else { return }
        func event(_ type: String, after seconds: Double, value: Double? = nil) -> Event {
            Event(
                id: "\(slate):\(item.item.id.rawValue):\(type)", type: type, userID: user.user.id, itemID: item.item.id,
                occurredAt: Self.millisecond(shownAt.adding(seconds: seconds)), value: value, impressionID: slate,
                position: place)
        }
        let clickedAfter = 1 + 20 * random.uniform()
        events.append(event("click", after: clickedAfter))
        let watched = sigmoid(-0.5 + 1.8 * taste + 0.7 * item.quality + 0.7 * random.normal())
        let seconds = (watched * item.duration * 10).rounded() / 10
        if watched >= 0.6 { events.append(event("long_view", after: clickedAfter + seconds, value: seconds)) }
        if random.chance(sigmoid(-3.0 + 2.2 * taste + 0.8 * item.quality)) {
            events.append(event("like", after: clickedAfter + seconds * random.uniform()))
        }
    }

    private static func millisecond(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.microseconds / 1000)
    }
}
