/// What other factors of heads would have changed in the logged slates, added up one replay after another.
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
    private var loggedItems: Set<String> = []
    private var replayedItems: Set<String> = []
    private var sums: [String: HeadSums] = [:]

    /// What slates hold of a head.
    private struct HeadSums {
        var slates = 0
        var logged = 0.0
        var replayed = 0.0
        var squares = 0.0
    }

    /// What the slates hold of one head: the sum of its values over a slate, as a mean over the slates of
    /// releases that have it.
    package struct Head: Hashable, Sendable, Codable {
        package let name: String
        package let logged: Double
        package let replayed: Double
        /// Half of the 95 % interval of the difference, from its standard error over slates.
        package let deviation: Double

        package var difference: Double { replayed - logged }
    }

    package init() {}

    package mutating func add(_ replay: SlateReplay) {
        slates += 1
        let before = replay.logged.map(\.itemID)
        let after = replay.replayed.map(\.itemID)
        if before == after { unchanged += 1 }
        if before.first == after.first { sameFirst += 1 }
        kept += Set(before).intersection(after).count
        shown += before.count
        loggedItems.formUnion(before)
        replayedItems.formUnion(after)
        for head in replay.heads {
            let logged = Self.sum(replay.logged, head)
            let replayed = Self.sum(replay.replayed, head)
            sums[head, default: HeadSums()].slates += 1
            sums[head, default: HeadSums()].logged += logged
            sums[head, default: HeadSums()].replayed += replayed
            sums[head, default: HeadSums()].squares += (replayed - logged) * (replayed - logged)
        }
    }

    package mutating func skip(_ obstacle: SlateReplay.Obstacle) { skipped[obstacle, default: 0] += 1 }

    /// Share of the logged items that are in the replayed slates too.
    package var keptShare: Double { shown == 0 ? 1 : Double(kept) / Double(shown) }

    /// Distinct items of all slates.
    package var distinct: (logged: Int, replayed: Int) { (loggedItems.count, replayedItems.count) }

    /// By name.
    package var heads: [Head] {
        sums.sorted { $0.key < $1.key }.map { name, sums in
            let count = Double(max(1, sums.slates))
            let mean = (sums.replayed - sums.logged) / count
            let variance = max(0, sums.squares / count - mean * mean)
            return Head(
                name: name, logged: sums.logged / count, replayed: sums.replayed / count,
                deviation: 1.96 * (variance / count).squareRoot())
        }
    }

    private static func sum(_ slate: [CandidateTrace], _ head: String) -> Double {
        slate.reduce(0) { $0 + Double($1.heads[head] ?? 0) }
    }
}

extension ReplayReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case slates, unchanged
        case sameFirst = "same_first"
        case keptShare = "kept_share"
        case distinctLogged = "distinct_items_logged"
        case distinctReplayed = "distinct_items_replayed"
        case heads, skipped
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(slates, forKey: .slates)
        try container.encode(unchanged, forKey: .unchanged)
        try container.encode(sameFirst, forKey: .sameFirst)
        try container.encode(keptShare, forKey: .keptShare)
        try container.encode(distinct.logged, forKey: .distinctLogged)
        try container.encode(distinct.replayed, forKey: .distinctReplayed)
        try container.encode(heads, forKey: .heads)
        let skipped = Dictionary(uniqueKeysWithValues: skipped.map { ($0.key.rawValue, $0.value) })
        try container.encode(skipped, forKey: .skipped)
    }
}
