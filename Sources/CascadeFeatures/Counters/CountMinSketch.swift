import CascadeCore
import Foundation

/// How often each of very many keys came, in memory that does not grow with them: an overestimate.
///
/// `depth` rows of `width` counters; a key has one counter a row, and its estimate is the smallest of them. An update
/// raises only those below the new estimate (conservative update: Estan and Varghese 2002), so that a key that shares all
/// its counters with more frequent ones costs them nothing.
///
/// With N updates, an estimate is never below the truth, and exceeds it by more than ε N for at most a share δ of the keys
/// on average, ε = e / width, δ = e^−depth. Source: Cormode and Muthukrishnan 2005.
///
/// With decay, all counters are multiplied by a factor after every so many updates, and the same holds of counts that
/// are multiplied so too: what came lately weighs more.
package struct CountMinSketch: Sendable, Equatable {
    /// What becomes of old updates.
    package struct Decay: Sendable, Hashable {
        /// What counters are multiplied by, 0 to 1.
        package let factor: Double
        /// Updates from one multiplication to the next, at least 1.
        package let interval: Int

        package init(factor: Double, interval: Int) {
            self.factor = factor
            self.interval = interval
        }
    }

    /// Counters a row.
    package let width: Int
    /// Rows.
    package let depth: Int
    /// Chooses the counters of a key; sketches that are merged have the same.
    package let seed: UInt64
    /// Nil for counts that stay.
    package let decay: Decay?
    /// Updates, decayed as the counters are.
    package internal(set) var total = 0.0
    /// Updates since the last multiplication.
    var sinceDecay = 0
    /// [depth × width]; as doubles, which count in ones far beyond what comes.
    var counters: [Double]

    /// The largest sketch that is made: two gigabytes of counters.
    package static let maximumCounters = 1 << 28

    /// A sketch of the given shape.
    ///
    /// - Throws: `FeatureError.badSketch` for a shape or a decay that cannot be.
    package init(width: Int, depth: Int, seed: UInt64 = 0, decay: Decay? = nil) throws(FeatureError) {
        guard (1...Self.maximumCounters).contains(width), (1...64).contains(depth),
            width * depth <= Self.maximumCounters
        else {
            throw .badSketch(
                reason:
                    "\(width) × \(depth) counters are none, or too many; choose 1 to 64 rows, of at least one counter and "
                    + "of \(Self.maximumCounters) in all at most")
        }
        if let decay {
            guard decay.factor >= 0, decay.factor <= 1, decay.interval > 0 else {
                throw .badSketch(
                    reason:
                        "a decay by \(decay.factor) every \(decay.interval) updates cannot be; choose a factor from 0 to 1 "
                        + "and an interval of at least 1")
            }
        }
        self.width = width
        self.depth = depth
        self.seed = seed
        self.decay = decay
        counters = [Double](repeating: 0, count: width * depth)
    }

    /// The smallest sketch whose estimates exceed the truth by more than `error` of all updates with a probability of at
    /// most `failure`.
    ///
    /// - Throws: `FeatureError.badSketch` for bounds that are not between 0 and 1, or a decay that cannot be.
    package init(error: Double, failure: Double, seed: UInt64 = 0, decay: Decay? = nil) throws(FeatureError) {
        guard error > M_E / Double(Self.maximumCounters), error < 1, failure > 1e-27, failure < 1 else {
            throw .badSketch(
                reason:
                    "an error of \(error) with a probability of \(failure) cannot be promised; choose both between 0 and "
                    + "1, the error above \(M_E / Double(Self.maximumCounters)) and the probability above 1e-27")
        }
        try self.init(
            width: Int((M_E / error).rounded(.up)), depth: Int((-log(failure)).rounded(.up)), seed: seed, decay: decay)
    }

    /// Counts one more of the key that has this hash.
    ///
    /// - Complexity: O(depth); with decay, O(depth · width) once an interval.
    package mutating func add(_ hash: UInt64) {
        let raised = estimate(hash) + 1
        for row in 0..<depth {
            let place = place(hash, row)
            counters[place] = max(counters[place], raised)
        }
        total += 1
        guard let decay else { return }
        sinceDecay += 1
        if sinceDecay == decay.interval {
            sinceDecay = 0
            scale(by: decay.factor)
        }
    }

    /// How often the key came, or more; with decay, its decayed count or more.
    ///
    /// - Complexity: O(depth).
    package func estimate(_ hash: UInt64) -> Double {
        var smallest = Double.infinity
        for row in 0..<depth { smallest = min(smallest, counters[place(hash, row)]) }
        return smallest
    }

    /// The estimate as a share of all updates; 0 before the first.
    package func share(_ hash: UInt64) -> Double { total > 0 ? min(1, estimate(hash) / total) : 0 }

    /// Adds what another sketch of the same shape, seed and decay has counted.
    ///
    /// An estimate is then at least the sum of both estimates, and at most what one sketch without conservative updates
    /// would have after both streams; so the bounds hold, with the updates of both as N. When the next decay is due
    /// remains as it was.
    ///
    /// - Throws: `FeatureError.badSketch` for a sketch of another shape, seed or decay.
    package mutating func merge(_ other: CountMinSketch) throws(FeatureError) {
        guard width == other.width, depth == other.depth, seed == other.seed, decay == other.decay else {
            throw .badSketch(
                reason: "only sketches of the same shape, seed and decay can be merged; make both with the same")
        }
        for index in counters.indices { counters[index] += other.counters[index] }
        total += other.total
    }

    private mutating func scale(by factor: Double) {
        for index in counters.indices { counters[index] *= factor }
        total *= factor
    }

    /// Rows have hash functions of their own, of which the seed chooses the family.
    private func place(_ hash: UInt64, _ row: Int) -> Int {
        let mixed = StableHash.mix(hash ^ StableHash.mix(seed &+ UInt64(row) &* 0x9E37_79B9_7F4A_7C15 &+ 1))
        return row * width + Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: UInt64(width)).high)
    }
}
