import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

/// Against exact counts of keys whose frequencies fall as those of a catalog do.
@Suite struct CountMinSketchTests {
    private static let seeds: [UInt64] = [1, 2, 3, 4, 5]

    /// `count` keys, key k with a probability near 1 / (k + 1).
    private static func stream(_ count: Int, keys: Int = 5000, seed: UInt64) -> [UInt64] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            let key = min(keys - 1, Int(exp(random.uniform() * log(Double(keys)))) - 1)
            return StableHash.mix(UInt64(key) &+ seed << 32)
        }
    }

    private static func counts(_ stream: [UInt64]) -> [UInt64: Double] {
        stream.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func sketch(
        _ stream: [UInt64], width: Int = 272, depth: Int = 4, seed: UInt64, decay: CountMinSketch.Decay? = nil
    ) throws -> CountMinSketch {
        var sketch = try CountMinSketch(width: width, depth: depth, seed: seed, decay: decay)
        for key in stream { sketch.add(key) }
        return sketch
    }

    @Test(arguments: seeds) func estimatesAreNeverBelowTheTruth(seed: UInt64) throws {
        // Far fewer counters than keys, so that nearly all are shared.
        for (width, depth) in [(1, 1), (7, 3), (64, 2), (272, 4)] {
            let stream = Self.stream(20_000, seed: seed)
            let sketch = try Self.sketch(stream, width: width, depth: depth, seed: seed)
            #expect(sketch.total == 20_000)
            for (key, count) in Self.counts(stream) {
                let estimate = sketch.estimate(key)
                #expect(estimate >= count, "seed \(seed), \(width) × \(depth), key \(key): \(estimate) of \(count)")
            }
        }
    }

    @Test(arguments: seeds) func theErrorIsBoundedForNearlyAllKeys(seed: UInt64) throws {
        let (error, failure) = (0.002, 0.05)
        var sketch = try CountMinSketch(error: error, failure: failure, seed: seed)
        #expect(sketch.width == 1360)
        #expect(sketch.depth == 3)
        let stream = Self.stream(50_000, seed: seed)
        for key in stream { sketch.add(key) }
        let counts = Self.counts(stream)
        // Keys that never came count too: they are most of what a sketch is asked.
        let strangers = (0..<5000).map { StableHash.mix(UInt64($0) &+ 0xFFFF_0000_0000) }
        let keys = Array(counts.keys) + strangers
        let wrong = keys.filter { sketch.estimate($0) - (counts[$0] ?? 0) > error * sketch.total }
        #expect(
            Double(wrong.count) <= failure * Double(keys.count),
            "seed \(seed): \(wrong.count) of \(keys.count) beyond \(error * sketch.total)")
    }

    /// The same counters without conservative updates.
    private static func plainEstimate(_ streams: [[UInt64]], _ shape: CountMinSketch, _ key: UInt64) throws -> Double {
        var places: [UInt64: [Int]] = [:]
        func of(_ key: UInt64) throws -> [Int] {
            if let known = places[key] { return known }
            var one = try CountMinSketch(width: shape.width, depth: shape.depth, seed: shape.seed)
            one.add(key)
            let found = one.counters.indices.filter { one.counters[$0] > 0 }
            places[key] = found
            return found
        }
        let asked = try of(key)
        var counters = [Double](repeating: 0, count: shape.depth)
        for (other, count) in counts(streams.flatMap { $0 }) {
            let others = try of(other)
            for row in 0..<shape.depth where asked[row] == others[row] { counters[row] += count }
        }
        return counters.min() ?? 0
    }

    @Test(arguments: seeds) func conservativeUpdatesAreNotAbovePlainOnes(seed: UInt64) throws {
        let stream = Self.stream(3000, keys: 300, seed: seed)
        let sketch = try Self.sketch(stream, width: 40, depth: 3, seed: seed)
        var better = 0
        for key in Set(stream).sorted().prefix(60) {
            let plain = try Self.plainEstimate([stream], sketch, key)
            let estimate = sketch.estimate(key)
            #expect(estimate <= plain, "seed \(seed), key \(key): \(estimate), plain \(plain)")
            if estimate < plain { better += 1 }
        }
        #expect(better > 20, "seed \(seed): \(better) of 60 better than plain")
    }

    @Test(arguments: seeds) func mergedSketchesHoldBothStreams(seed: UInt64) throws {
        let (left, right) = (Self.stream(3000, keys: 300, seed: seed), Self.stream(2000, keys: 300, seed: seed))
        let first = try Self.sketch(left, width: 40, depth: 3, seed: seed)
        let second = try Self.sketch(right, width: 40, depth: 3, seed: seed)
        var merged = first
        try merged.merge(second)
        #expect(merged.total == 5000)
        let counts = Self.counts(left + right)
        for key in counts.keys.sorted().prefix(60) {
            let estimate = merged.estimate(key)
            let sum = first.estimate(key) + second.estimate(key)
            let plain = try Self.plainEstimate([left, right], merged, key)
            #expect(
                sum <= estimate && estimate <= plain && estimate >= counts[key]!,
                "seed \(seed), key \(key): \(estimate) outside \(sum)…\(plain), truth \(counts[key]!)")
        }
    }

    @Test func sketchesOfDifferentShapesAreNotMerged() throws {
        let sketch = try CountMinSketch(width: 8, depth: 2, seed: 1)
        let others = [
            try CountMinSketch(width: 9, depth: 2, seed: 1), try CountMinSketch(width: 8, depth: 3, seed: 1),
            try CountMinSketch(width: 8, depth: 2, seed: 2),
            try CountMinSketch(width: 8, depth: 2, seed: 1, decay: .init(factor: 0.5, interval: 10)),
        ]
        for other in others {
            var merged = sketch
            #expect { try merged.merge(other) } throws: { "\($0)".contains("make both with the same") }
            #expect(merged == sketch)
        }
    }

    @Test(arguments: seeds) func decayedCountsAreNeverUnderestimated(seed: UInt64) throws {
        // The second half comes from other keys: what was frequent before must fade.
        let old = Self.stream(10_000, seed: seed)
        let new = Self.stream(10_000, seed: seed &+ 1000)
        let decay = CountMinSketch.Decay(factor: 0.5, interval: 1500)
        let sketch = try Self.sketch(old + new, seed: seed, decay: decay)
        var truth: [UInt64: Double] = [:]
        var total = 0.0
        for (number, key) in (old + new).enumerated() {
            truth[key, default: 0] += 1
            total += 1
            if (number + 1).isMultiple(of: decay.interval) {
                truth = truth.mapValues { $0 * decay.factor }
                total *= decay.factor
            }
        }
        #expect(sketch.total == total)
        for (key, count) in truth {
            let estimate = sketch.estimate(key)
            #expect(estimate >= count, "seed \(seed), key \(key): \(estimate) of \(count)")
        }
        let before = try Self.sketch(old, seed: seed)
        let frequent = Self.counts(old).max { $0.value < $1.value }!.key
        #expect(
            sketch.share(frequent) < 0.1 * before.share(frequent),
            "seed \(seed): \(sketch.share(frequent)) of \(before.share(frequent))")
    }

    @Test func aFactorOfOneForgetsNothingAndOfZeroAll() throws {
        let stream = Self.stream(1000, keys: 50, seed: 9)
        let kept = try Self.sketch(stream, seed: 9, decay: .init(factor: 1, interval: 100))
        #expect(kept.counters == (try Self.sketch(stream, seed: 9)).counters)
        let forgotten = try Self.sketch(stream, seed: 9, decay: .init(factor: 0, interval: 100))
        #expect(forgotten.total == 0)
        #expect(forgotten.share(stream[0]) == 0)
    }

    @Test func nothingCameToANewSketch() throws {
        let sketch = try CountMinSketch(width: 10, depth: 2)
        #expect(sketch.estimate(7) == 0)
        #expect(sketch.share(7) == 0)
    }

    @Test func theSeedChoosesTheCounters() throws {
        let stream = Self.stream(2000, seed: 3)
        let first = try Self.sketch(stream, width: 50, seed: 1)
        #expect(first == (try Self.sketch(stream, width: 50, seed: 1)))
        #expect(first.counters != (try Self.sketch(stream, width: 50, seed: 2)).counters)
    }

    @Test func shapesThatCannotBeAreRefused() {
        for (width, depth) in [(0, 1), (1, 0), (-1, 2), (1, 65), (1 << 28, 2), (.max, 3)] {
            #expect { try CountMinSketch(width: width, depth: depth) } throws: {
                "\($0)".contains("choose 1 to 64 rows")
            }
        }
        for (error, failure) in [(0.0, 0.1), (1, 0.1), (0.1, 0), (0.1, 1), (-1, 0.1), (.nan, 0.1), (0.1, .nan)] {
            #expect { try CountMinSketch(error: error, failure: failure) } throws: {
                "\($0)".contains("choose both between 0 and 1")
            }
        }
        for (factor, interval) in [(-0.1, 5), (1.1, 5), (0.5, 0), (.nan, 5)] as [(Double, Int)] {
            #expect {
                try CountMinSketch(width: 4, depth: 2, decay: .init(factor: factor, interval: interval))
            } throws: {
                "\($0)".contains("choose a factor from 0 to 1")
            }
        }
    }
}
