package import CascadeCore

/// One impression, or one piece of feedback, as counters see it.
package struct CountedFact: Hashable, Sendable {
    package var second: Int64
    package var isImpression: Bool
    /// Bit `k`: an impression that recorded head `k`.
    package var recorded: UInt32
    /// Bit `k`: head `k` was given.
    package var given: UInt32

    package init(second: Int64, isImpression: Bool, recorded: UInt32 = 0, given: UInt32 = 0) {
        self.second = second
        self.isImpression = isImpression
        self.recorded = recorded
        self.given = given
    }
}

/// What one counter has counted up to a moment, by key, for each of its windows.
///
/// A window of a key is the sum of the buckets that hold something, which leave it from the oldest on as time goes by; a
/// window over all time is the sum alone. Facts are applied in the order of their seconds. Whether a read sees a fact is
/// up to the caller: `WindowedReplay` applies those of a second when the next one begins.
///
/// Memory: 12 bytes and (windows × (stride + 2) × 4) a key, (stride + 2) × 4 a bucket that is not empty.
package struct WindowedCounts: Sendable {
    private let spans: [WindowSpan]
    private let heads: Int
    private let stride: Int
    private var slots: [UInt64: Int32] = [:]
    /// [slots × spans × stride] the sums over the buckets of each list.
    private var sums: [Int32] = []
    /// [slots × spans] the oldest and the newest bucket of each list; -1 for an empty one.
    private var first: [Int32] = []
    private var last: [Int32] = []
    // Buckets of all lists: number, the next newer one, counts. Freed ones hang together from `free` on.
    private var bucketNumber: [Int32] = []
    private var bucketNext: [Int32] = []
    private var bucketCounts: [Int32] = []
    private var free: Int32 = -1

    package init(spans: [WindowSpan], heads: Int) {
        self.spans = spans
        self.heads = heads
        stride = 1 + 2 * heads
    }

    /// Keys that were met.
    package var keys: Int { slots.count }
    /// Buckets that are kept.
    package private(set) var buckets = 0

    /// Counts a fact; none applied before is later.
    package mutating func apply(_ fact: CountedFact, key: UInt64) {
        let slot = slot(adding: key)
        for (place, span) in spans.enumerated() {
            let list = slot * spans.count + place
            if span.width > 0 { add(fact, to: list, span) }
            Self.add(fact, to: &sums, at: list * stride, heads)
        }
    }

    /// Adds the sums of each window at `second` to `output`: [spans × stride].
    package func read(_ key: UInt64, at second: Int64, into output: UnsafeMutablePointer<Int32>) {
        guard let slot = slots[key] else { return }
        for (place, span) in spans.enumerated() {
            let list = Int(slot) * spans.count + place
            let target = output + place * stride
            for column in 0..<stride { target[column] += sums[list * stride + column] }
            guard span.width > 0 else { continue }
            let oldest = span.bucket(of: second) - span.buckets
            var node = Int(first[list])
            while node >= 0, Int64(bucketNumber[node]) < oldest {
                for column in 0..<stride { target[column] -= bucketCounts[node * stride + column] }
                node = Int(bucketNext[node])
            }
        }
    }

    private mutating func slot(adding key: UInt64) -> Int {
        if let known = slots[key] { return Int(known) }
        let slot = slots.count
        slots[key] = Int32(slot)
        sums.append(contentsOf: repeatElement(0, count: spans.count * stride))
        first.append(contentsOf: repeatElement(-1, count: spans.count))
        last.append(contentsOf: repeatElement(-1, count: spans.count))
        return slot
    }

    private mutating func add(_ fact: CountedFact, to list: Int, _ span: WindowSpan) {
        let number = span.bucket(of: fact.second)
        expire(list, before: number - span.buckets)
        var node = Int(last[list])
        if node < 0 || Int64(bucketNumber[node]) < number {
            node = Int(newBucket(Int32(truncatingIfNeeded: number)))
            if last[list] < 0 { first[list] = Int32(node) } else { bucketNext[Int(last[list])] = Int32(node) }
            last[list] = Int32(node)
        }
        Self.add(fact, to: &bucketCounts, at: node * stride, heads)
    }

    /// Takes the buckets of a list out that are older than `oldest`.
    private mutating func expire(_ list: Int, before oldest: Int64) {
        var node = Int(first[list])
        while node >= 0, Int64(bucketNumber[node]) < oldest {
            for column in 0..<stride { sums[list * stride + column] -= bucketCounts[node * stride + column] }
            let next = bucketNext[node]
            bucketNext[node] = free
            free = Int32(node)
            buckets -= 1
            node = Int(next)
        }
        first[list] = Int32(node)
        if node < 0 { last[list] = -1 }
    }

    private mutating func newBucket(_ number: Int32) -> Int32 {
        buckets += 1
        guard free >= 0 else {
            bucketNumber.append(number)
            bucketNext.append(-1)
            bucketCounts.append(contentsOf: repeatElement(0, count: stride))
            return Int32(bucketNumber.count - 1)
        }
        let node = free
        free = bucketNext[Int(node)]
        bucketNumber[Int(node)] = number
        bucketNext[Int(node)] = -1
        for column in 0..<stride { bucketCounts[Int(node) * stride + column] = 0 }
        return node
    }

    private static func add(_ fact: CountedFact, to counts: inout [Int32], at base: Int, _ heads: Int) {
        if fact.isImpression { counts[base] += 1 }
        for head in 0..<heads {
            if fact.recorded >> UInt32(head) & 1 == 1 { counts[base + 1 + head] += 1 }
            if fact.given >> UInt32(head) & 1 == 1 { counts[base + 1 + heads + head] += 1 }
        }
    }
}
