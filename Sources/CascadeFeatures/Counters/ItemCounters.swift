package import CascadeCore

/// Impressions and feedback over everybody, by each counter key of an item.
///
/// A key's counts are a hash of its token, so an item that came after training takes those of its creator or category.
package struct ItemCounters: Sendable {
    package let map: FeatureMap
    /// One table a key.
    package let tables: [CounterTable]
    /// One list a key: [items] slot of the item's token in the key's table, -1 when it was never counted.
    let slots: [[Int32]]
    /// One list a key: the slots of items that came later, whose rows follow those of `slots`.
    private(set) var laterSlots: [[Int32]]
    /// One a key: [(1 + slots) × (heads + 1)] what `write` writes of no slot, then of each, over everybody.
    private let numbers: [[Float]]
    /// [items] when each came to be, later ones behind the others; empty where no times are read.
    private var births: [Timestamp?]

    /// Counters of a release over its catalog.
    package init(map: FeatureMap, tables: [CounterTable], items: [Item]) {
        self.map = map
        self.tables = tables
        slots = map.counters.indices.map { Self.slots(of: items, key: $0, map, tables) }
        laterSlots = slots.map { _ in [] }
        numbers = tables.map { Self.numbers(of: $0, map) }
        births = map.ranker.times == nil ? [] : items.map(\.createdAt)
    }

    /// Gives items that are in no catalog of a release the counts of their tokens; their rows follow the last one.
    mutating func append(_ items: [Item]) {
        for key in laterSlots.indices { laterSlots[key] += Self.slots(of: items, key: key, map, tables) }
        if map.ranker.times != nil { births += items.map(\.createdAt) }
    }

    private static func slots(of items: [Item], key: Int, _ map: FeatureMap, _ tables: [CounterTable]) -> [Int32] {
        items.map { item in
            tables[key].slot(of: CounterKeys.hash(map.counters[key], .item(item), bins: map.ranker.items))
                .map(Int32.init) ?? -1
        }
    }

    /// The slot of an item in the table of `key`; negative for one that was never counted.
    func slot(_ key: Int, _ item: Int) -> Int {
        let released = slots[key].count
        return Int(item < released ? slots[key][item] : laterSlots[key][item - released])
    }

    /// Counts the impressions of `log` that `include` marks.
    package init(map: FeatureMap, log: EncodedLog, include: Column<Bool>, items: [Item]) {
        self.init(map: map, tables: Self.count(map, log, items) { include[$0] && log.isImpression[$0] }, items: items)
    }

    private static func count(
        _ map: FeatureMap, _ log: EncodedLog, _ items: [Item], _ include: (Int) -> Bool
    ) -> [CounterTable] {
        map.counters.map { key in
            var table = CounterTable(heads: map.counterHeads)
            let hashes = items.map { CounterKeys.hash(key, .item($0), bins: map.ranker.items) }
            for row in 0..<log.count where include(row) {
                table.add(hashes[Int(log.item[row])], observed: log.observed[row], positives: log.positives[row])
            }
            return table
        }
    }

    private static func numbers(of table: CounterTable, _ map: FeatureMap) -> [Float] {
        let width = map.counterHeads + 1
        let slots = table.keys.count
        return [Float](unsafeUninitializedCapacity: (slots + 1) * width) { buffer, count in
            count = (slots + 1) * width
            guard let base = buffer.baseAddress else { return }
            for slot in -1..<slots { write(table, slot, map, key: 0, without: nil, into: base + (slot + 1) * width) }
        }
    }

    /// Writes the part of a row that belongs to its item: see `CounterLayout`. `fold` holds counts to leave out.
    func write(item: Int, without fold: CounterFold?, into output: UnsafeMutablePointer<Float>) {
        let width = map.counterHeads + 1
        for key in tables.indices {
            let base = output + key * width
            let slot = slot(key, item)
            guard let fold else {
                for column in 0..<width { base[column] = numbers[key][(slot + 1) * width + column] }
                continue
            }
            Self.write(tables[key], slot, map, key: key, without: fold, into: base)
        }
    }

    /// Writes what is counted of a slot, negative for none.
    private static func write(
        _ table: CounterTable, _ slot: Int, _ map: FeatureMap, key: Int, without fold: CounterFold?,
        into base: UnsafeMutablePointer<Float>
    ) {
        let heads = map.counterHeads
        for head in 0..<heads {
            base[head] = CounterSmoothing.logOdds(rate(table, slot, head, map, key: key, without: fold))
        }
        base[heads] = CounterSmoothing.logCount(
            slot < 0 ? 0 : (table.counts[slot * table.stride] - (fold?.count(key, slot, 0) ?? 0)))
    }

    /// Writes the times of a row: see `TimeFeatures.columns`.
    func writeTimes(
        history: HistorySlice, item: Int, at moment: Timestamp, into output: UnsafeMutablePointer<Float>
    ) {
        let last = history.count > 0 ? history.times[history.count - 1] : nil
        output[0] = TimeFeatures.logSeconds(from: last, to: moment.microseconds)
        output[1] = TimeFeatures.logSeconds(from: births[item]?.microseconds, to: moment.microseconds)
    }

    /// The smoothed rate of `head` for a slot of the table of `key`.
    private static func rate(
        _ table: CounterTable, _ slot: Int, _ head: Int, _ map: FeatureMap, key: Int, without fold: CounterFold?
    ) -> Float {
        let prior = Float(map.headRates[head])
        guard slot >= 0 else { return prior }
        let heads = map.counterHeads
        let base = slot * table.stride
        let recorded = table.counts[base + 1 + head] - (fold?.count(key, slot, 1 + head) ?? 0)
        let given = table.counts[base + 1 + heads + head] - (fold?.count(key, slot, 1 + heads + head) ?? 0)
        let smoothing = CounterSmoothing.item(rate: prior)
        return (given + smoothing * prior) / (recorded + smoothing)
    }

    /// The rate of the first head of every item by its first key: what one expects of it, whoever sees it.
    func expectedRates(without fold: CounterFold?) -> [Float] {
        guard map.counterHeads > 0, let first = slots.first else { return [] }
        return first.map { Self.rate(tables[0], Int($0), 0, map, key: 0, without: fold) }
    }

    /// The same of the items that came later, from the one at `start` on.
    func expectedLaterRates(from start: Int) -> [Float] {
        guard map.counterHeads > 0, let first = laterSlots.first else { return [] }
        return first[start...].map { Self.rate(tables[0], Int($0), 0, map, key: 0, without: nil) }
    }
}

/// The counts of one fold of users, by the slots of the tables of all.
struct CounterFold: Sendable {
    let counts: [[Float]]
    let stride: Int

    func count(_ key: Int, _ slot: Int, _ column: Int) -> Float { counts[key][slot * stride + column] }
}

/// The tokens that counters count by.
enum CounterKeys {
    /// The hash of the token that `values` has for `key`; a number is told by its quantile bin.
    static func hash(_ key: FeatureSource, _ values: EntityValues, bins layout: EntityLayout) -> UInt64 {
        if let position = layout.numeric.firstIndex(where: { $0.source == key }) {
            guard let number = values.number(key) else { return UnifiedTable.missing }
            let edges = layout.bins[position].edges
            return StableHash.mix(UInt64(edges.prefix { $0 <= Float(number) }.count))
        }
        return values.tokens(key).first.map(UnifiedTable.hash) ?? UnifiedTable.missing
    }
}
