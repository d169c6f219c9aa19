/// Impressions and feedback by a 64-bit key, in an open-addressing table.
package struct CounterTable: Sendable, Equatable {
    /// Heads that are counted.
    package let heads: Int
    /// Keys of the slots in use, in order of arrival.
    package private(set) var keys: [UInt64] = []
    /// [slots × stride] all impressions, then for each head those that recorded it, then those that gave it.
    package private(set) var counts: [Float] = []
    private var buckets: [Int32]

    package init(heads: Int) {
        self.heads = heads
        buckets = [Int32](repeating: -1, count: 64)
    }

    /// A table with the given slots; `counts` is [keys × stride].
    package init(heads: Int, keys: [UInt64], counts: [Float]) {
        self.init(heads: heads)
        for key in keys { _ = slot(adding: key) }
        self.counts = counts
    }

    /// Numbers a slot.
    package var stride: Int { 1 + 2 * heads }

    /// The slot of `key`, or nil when it was never counted.
    package func slot(of key: UInt64) -> Int? {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: key) & mask
        while true {
            let slot = buckets[bucket]
            if slot < 0 { return nil }
            if keys[Int(slot)] == key { return Int(slot) }
            bucket = (bucket + 1) & mask
        }
    }

    /// Counts one impression with its recorded and given heads; returns the key's slot.
    @discardableResult
    package mutating func add(_ key: UInt64, observed: UInt32, positives: UInt32) -> Int {
        let slot = slot(adding: key)
        CounterTable.add(&counts, base: slot * stride, heads: heads, observed: observed, positives: positives)
        return slot
    }

    /// Adds one impression to the numbers at `base`.
    static func add(_ counts: inout [Float], base: Int, heads: Int, observed: UInt32, positives: UInt32) {
        counts[base] += 1
        for head in 0..<heads where observed >> UInt32(head) & 1 == 1 {
            counts[base + 1 + head] += 1
            if positives >> UInt32(head) & 1 == 1 { counts[base + 1 + heads + head] += 1 }
        }
    }

    private mutating func slot(adding key: UInt64) -> Int {
        if let known = slot(of: key) { return known }
        if (keys.count + 1) * 2 > buckets.count { grow() }
        keys.append(key)
        counts.append(contentsOf: repeatElement(0, count: stride))
        place(Int32(keys.count - 1))
        return keys.count - 1
    }

    private mutating func grow() {
        buckets = [Int32](repeating: -1, count: buckets.count * 2)
        for slot in keys.indices { place(Int32(slot)) }
    }

    private mutating func place(_ slot: Int32) {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: keys[Int(slot)]) & mask
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = slot
    }

    package static func == (left: CounterTable, right: CounterTable) -> Bool {
        left.heads == right.heads && left.keys == right.keys && left.counts == right.counts
    }
}
