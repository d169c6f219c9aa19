package import CascadeCore
import Foundation

/// What another policy would have changed in the logged slates, added up one replay after another.
package struct ReplayReport: Sendable {
    /// Slates that were replayed.
    package private(set) var slates = 0
    /// Slates that stayed as they were, item by item.
    package private(set) var unchanged = 0
    /// Slates whose first item stayed.
    package private(set) var sameFirst = 0
    /// Traces that could not be replayed.
    package private(set) var skipped: [SlateReplay.Obstacle: Int] = [:]
    private var kept = 0
    private var shown = 0
    private var items = (logged: Set<String>(), replayed: Set<String>())
    private var moves: [String: Int] = [:]
    private var users: [String: Int32] = [:]
    private var units: [Int32] = []
    private var nextUnit: Int32 = 0
    /// By measure, of each slate before and after; NaN where a slate does not have it.
    private var columns: [String: Column] = [:]

    private struct Column {
        var logged: [Double] = []
        var replayed: [Double] = []
    }

    /// A figure of a slate, as a mean over the slates that have it.
    package struct Measure: Hashable, Sendable, Codable {
        package let name: String
        package let logged: Double
        package let replayed: Double
        package let difference: Double
        /// 95 %, users drawn with replacement; nil where one user has all slates.
        package let interval: ValueRange?
    }

    /// An item that came into slates or went out of them.
    package struct Move: Hashable, Sendable, Codable {
        package let item: String
        /// Slates that it came into, less those that it went out of.
        package let slates: Int
    }

    package init() {}

    package mutating func add(_ replay: SlateReplay) {
        let before = replay.logged.map(\.itemID)
        let after = replay.replayed.map(\.itemID)
        if before == after { unchanged += 1 }
        if before.first == after.first { sameFirst += 1 }
        kept += Set(before).intersection(after).count
        shown += before.count
        items.logged.formUnion(before)
        items.replayed.formUnion(after)
        for item in Set(after).subtracting(before) { moves[item, default: 0] += 1 }
        for item in Set(before).subtracting(after) { moves[item, default: 0] -= 1 }
        units.append(unit(of: replay.userID))
        let change = SlateChange(before, after)
        put("overlap", 1, change.overlap)
        put("rank_biased_overlap", 1, change.rankBiasedOverlap)
        let creators = (Self.creators(replay.logged), Self.creators(replay.replayed))
        put("creators", creators.0, creators.1)
        let categories = (Self.categories(replay.logged), Self.categories(replay.replayed))
        put("categories", categories.0, categories.1)
        for head in replay.heads {
            put("sum.\(head)", Self.sum(replay.logged, head) { _ in 1 }, Self.sum(replay.replayed, head) { _ in 1 })
            put(
                "discounted.\(head)", Self.sum(replay.logged, head, Self.gain),
                Self.sum(replay.replayed, head, Self.gain))
        }
        slates += 1
    }

    package mutating func skip(_ obstacle: SlateReplay.Obstacle) { skipped[obstacle, default: 0] += 1 }

    /// Share of the logged items that are in the replayed slates too.
    package var keptShare: Double { shown == 0 ? 1 : Double(kept) / Double(shown) }

    /// Distinct items of all slates.
    package var distinct: (logged: Int, replayed: Int) { (items.logged.count, items.replayed.count) }

    /// Items by how many slates they came into or went out of on balance, at most `limit` of either, most first.
    package func moves(limit: Int) -> (into: [Move], out: [Move]) {
        let sorted = moves.filter { $0.value != 0 }.map { Move(item: $0.key, slates: $0.value) }
            .sorted { (abs($1.slates), $0.item) < (abs($0.slates), $1.item) }
        return (
            Array(sorted.filter { $0.slates > 0 }.prefix(limit)), Array(sorted.filter { $0.slates < 0 }.prefix(limit))
        )
    }

    /// By name: `overlap`, `rank_biased_overlap`, `creators` and `categories` (distinct ones of a slate), and for each head
    /// `sum.HEAD` and `discounted.HEAD`, its sum over a slate, each place alike or by 1 / log2(place + 1).
    ///
    /// - Complexity: O(draws · users · measures).
    package func measures(draws: Int = 400, seed: UInt64 = 1) -> [Measure] {
        let sorted = columns.sorted { $0.key < $1.key }
        let differences = sorted.map { _, column in
            zip(column.logged + missing(column), column.replayed + missing(column)).map { $1 - $0 }
        }
        let intervals = ClusterBootstrap(units: units, draws: draws, seed: seed).intervals(of: differences)
        return zip(sorted, zip(differences, intervals)).map { pair, figures in
            Measure(
                name: pair.key, logged: Self.mean(pair.value.logged), replayed: Self.mean(pair.value.replayed),
                difference: Self.mean(figures.0), interval: figures.1)
        }
    }

    private func missing(_ column: Column) -> [Double] {
        [Double](repeating: .nan, count: units.count - column.logged.count)
    }

    private mutating func put(_ name: String, _ logged: Double, _ replayed: Double) {
        var column = columns[name] ?? Column()
        // Releases differ in their heads.
        while column.logged.count < slates {
            column.logged.append(.nan)
            column.replayed.append(.nan)
        }
        column.logged.append(logged)
        column.replayed.append(replayed)
        columns[name] = column
    }

    /// A visitor without a name is nobody else.
    private mutating func unit(of user: String?) -> Int32 {
        if let user, let known = users[user] { return known }
        if let user { users[user] = nextUnit }
        nextUnit += 1
        return nextUnit - 1
    }

    private static func creators(_ slate: [CandidateTrace]) -> Double {
        Double(Set(slate.compactMap(\.creator)).count)
    }

    private static func categories(_ slate: [CandidateTrace]) -> Double {
        Double(Set(slate.flatMap { $0.categories ?? [] }).count)
    }

    private static func sum(_ slate: [CandidateTrace], _ head: String, _ gain: (Int) -> Double) -> Double {
        slate.enumerated().reduce(0) { $0 + Double($1.element.heads[head] ?? 0) * gain($1.offset) }
    }

    private static func gain(_ place: Int) -> Double { 1 / log2(Double(place + 2)) }

    private static func mean(_ values: [Double]) -> Double {
        let known = values.filter { !$0.isNaN }
        return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }
}

extension ReplayReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case slates, unchanged
        case sameFirst = "same_first"
        case keptShare = "kept_share"
        case distinctLogged = "distinct_items_logged"
        case distinctReplayed = "distinct_items_replayed"
        case measures, skipped
        case itemsIn = "items_in"
        case itemsOut = "items_out"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(slates, forKey: .slates)
        try container.encode(unchanged, forKey: .unchanged)
        try container.encode(sameFirst, forKey: .sameFirst)
        try container.encode(keptShare, forKey: .keptShare)
        try container.encode(distinct.logged, forKey: .distinctLogged)
        try container.encode(distinct.replayed, forKey: .distinctReplayed)
        try container.encode(measures(), forKey: .measures)
        let moves = moves(limit: 100)
        try container.encode(moves.into, forKey: .itemsIn)
        try container.encode(moves.out, forKey: .itemsOut)
        let skipped = Dictionary(uniqueKeysWithValues: skipped.map { ($0.key.rawValue, $0.value) })
        try container.encode(skipped, forKey: .skipped)
    }
}
