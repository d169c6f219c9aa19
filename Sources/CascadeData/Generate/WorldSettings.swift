package import CascadeCore

/// What a generated world is like; the same settings give the same world, bit for bit.
package struct WorldSettings: Sendable, Equatable {
    /// How many users there are at the end.
    package var users = 2000
    /// How many items there are at the end.
    package var items = 1000
    /// About how many impressions the log holds.
    package var impressions = 60_000
    /// How many days the log covers.
    package var days = 30
    /// How many planted interests items and users belong to.
    package var interests = 20
    /// Items in one shown list.
    package var slate = 10
    /// The share of shown items that is drawn from all items alike, whoever the user is.
    package var exploration = 0.15
    /// The share of users who arrive while the log runs.
    package var lateUsers = 0.15
    /// The share of items that appear while the log runs.
    package var newItems = 0.3
    /// The share of items that are hidden now; they were shown before.
    package var hiddenItems = 0.02
    /// Fixes everything that is drawn.
    package var seed: UInt64 = 1
    /// When the log ends.
    package var end = Timestamp(microseconds: 1_735_689_600_000_000)

    /// The default world, which trains in seconds.
    package init() {}

    /// When the log begins.
    package var start: Timestamp { end.adding(seconds: -Double(days) * 86_400) }

    /// What makes these settings no world; empty when they are fine.
    package var problems: [String] {
        var problems: [String] = []
        func check(_ holds: Bool, _ text: String) { if !holds { problems.append(text) } }
        check((1...50_000_000).contains(users), "users must be from 1 to 50,000,000")
        check((1...50_000_000).contains(items), "items must be from 1 to 50,000,000")
        check((1...1_000_000_000).contains(impressions), "impressions must be from 1 to 1,000,000,000")
        check((1...3650).contains(days), "days must be from 1 to 3650")
        check((2...1000).contains(interests), "interests must be from 2 to 1000")
        check(interests * 4 <= items, "items must be at least four times the interests")
        check((1...100).contains(slate), "slate must be from 1 to 100")
        check(slate * 4 <= items, "items must be at least four times the slate")
        check((0.01...1).contains(exploration), "exploration must be from 0.01 to 1")
        check((0...1).contains(lateUsers), "lateUsers must be from 0 to 1")
        check((0...0.8).contains(newItems), "newItems must be from 0 to 0.8")
        check((0...0.5).contains(hiddenItems), "hiddenItems must be from 0 to 0.5")
        return problems
    }
}

/// Numbers that the parts of a world draw from.
struct WorldRandom {
    /// Every part has its own sequence, so that more users do not change the items.
    enum Part: UInt64 {
        case items = 1
        case users, visits, log, follows
    }

    var source: SeededRandom

    init(seed: UInt64, part: Part) {
        source = SeededRandom(seed: StableHash.mix(seed ^ StableHash.mix(part.rawValue)))
    }

    mutating func uniform() -> Double { source.uniform() }

    mutating func below(_ bound: Int) -> Int { source.below(bound) }

    mutating func chance(_ probability: Double) -> Bool { source.uniform() < probability }

    /// A whole number from `range`, ends included.
    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + source.below(range.count) }

    /// The index of one of `weights`, drawn in proportion to them; they are not all 0.
    mutating func index(weights: [Double]) -> Int {
        var rest = source.uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }
}
