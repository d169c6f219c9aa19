import CascadeCore
import Foundation
import Testing

@testable import CascadeFeatures

/// What every encoding of a number keeps, and what each of them says.
@Suite struct NumberEncodingTests {
    private static let bins = 6

    private func encode(_ encoder: NumberEncoder, _ value: Float, width: Int = bins + 1) -> [Float] {
        var output = [Float](repeating: 9, count: width)
        output.withUnsafeMutableBufferPointer { encoder.encode(value, into: $0.baseAddress!, width: width) }
        return output
    }

    private func samples(seed: UInt64, count: Int = 400) -> NumberSamples {
        var random = SeededRandom(seed: seed)
        var samples = NumberSamples()
        for _ in 0..<count {
            let value = Float(random.uniform() * 20 - 5)
            samples.append(value, recorded: 5, given: value > 3 ? 4 : 1)
        }
        return samples
    }

    @Test(arguments: NumberEncodingKind.allCases) func everyValueGivesFiniteColumns(kind: NumberEncodingKind) throws {
        let encoder = kind.fit(samples(seed: 3), bins: Self.bins)
        #expect(encoder.columns <= kind.columns(bins: Self.bins) && encoder.columns > 0)
        for value in [-1e30, -5, 0, 2.5, 15, 1e30] as [Float] {
            let columns = encode(encoder, value)
            #expect(columns.allSatisfy { $0.isFinite && abs($0) < 10 }, "\(value): \(columns)")
            #expect(columns[Self.bins] == 0, "it is there")
            #expect(columns[encoder.columns...].allSatisfy { $0 == 0 })
        }
        for missing in [Float.nan, .infinity] {
            #expect(encode(encoder, missing) == [Float](repeating: 0, count: Self.bins) + [1])
        }
    }

    @Test(arguments: NumberEncodingKind.allCases) func whatIsEncodedGrowsWithTheNumber(kind: NumberEncodingKind) {
        let encoder = kind.fit(samples(seed: 4), bins: Self.bins)
        func weight(_ value: Float) -> Float {
            let columns = encode(encoder, value)
            guard kind == .quantileBins else { return columns.reduce(0, +) }
            return Float(columns.firstIndex(of: 1) ?? -1)
        }
        let values = stride(from: Float(-5), through: 15, by: 0.25).map(weight)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 + 1e-5 })
        #expect(values.last! > values.first! + 0.5)
    }

    @Test(arguments: NumberEncodingKind.allCases) func aConstantTellsNothing(kind: NumberEncodingKind) {
        let encoder = kind.fit(NumberSamples([3, 3, 3]), bins: Self.bins)
        #expect(encode(encoder, 3) == [Float](repeating: 0, count: Self.bins + 1))
        #expect(kind.fit(NumberSamples([.nan]), bins: Self.bins).columns == 0)
    }

    @Test(arguments: NumberEncodingKind.allCases) func encodersAreReadAsTheyWereWritten(kind: NumberEncodingKind) throws
    {
        let encoder = kind.fit(samples(seed: 5), bins: Self.bins)
        let data = try JSONEncoder().encode(encoder)
        #expect(try JSONDecoder().decode(NumberEncoder.self, from: data) == encoder)
    }

    @Test func encodersOfEarlierVersionsArePiecewiseLinear() throws {
        let encoder = try JSONDecoder().decode(NumberEncoder.self, from: Data(#"{"edges":[0,1,2]}"#.utf8))
        #expect(encoder == .piecewiseLinear(PiecewiseLinear(edges: [0, 1, 2])))
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(NumberEncoder.self, from: Data(#"{"kind":"magic","edges":[0]}"#.utf8))
        }
    }

    /// What a damaged file could hold is refused before anything is written with it.
    @Test func damagedEncodersAreNotUsed() {
        let fine = NumberEncodingKind.distribution.fit(samples(seed: 5), bins: 6)
        #expect(fine.isUsable(columns: 1))
        for edges in [[0, 0], [1, 0], [0, .infinity]] as [[Float]] {
            #expect(!NumberEncoder.piecewiseLinear(PiecewiseLinear(edges: edges)).isUsable(columns: 6))
        }
        let many = PiecewiseLinear(edges: (0...40).map { Float($0) })
        #expect(!NumberEncoder.piecewiseLinear(many).isUsable(columns: 16))
        #expect(!NumberEncoder.distribution(EmpiricalDistribution(edges: [0, 1], shares: [0])).isUsable(columns: 1))
    }

    @Test func quantileBinsAreHalfOpen() {
        let encoder = NumberEncoder.quantileBins(QuantileBins(edges: [0, 1, 2]))
        #expect(encode(encoder, -4, width: 3) == [1, 0, 0])
        #expect(encode(encoder, 1, width: 3) == [0, 1, 0])
        #expect(encode(encoder, 7, width: 3) == [0, 1, 0])
    }

    @Test func sigmoidsAreOfTheirBins() {
        let encoder = NumberEncoder.sigmoids(QuantileSigmoids(edges: [0, 2, 6]))
        let columns = encode(encoder, 1, width: 3)
        #expect(columns[0] == 0.5)
        #expect(abs(columns[1] - 1 / (1 + exp(Float(3)))) < 1e-6)
    }

    @Test func theDistributionIsTheShareBelow() {
        let encoder = NumberEncodingKind.distribution.fit(
            NumberSamples((0..<101).map { Float($0) }), bins: 10)
        for value in [0, 7.5, 50, 99, 100] as [Float] {
            #expect(abs(encode(encoder, value, width: 2)[0] - value / 100) < 1e-6)
        }
        let equal = NumberEncodingKind.distribution.fit(NumberSamples([0, 0, 0, 0, 1, 2]), bins: 4)
        #expect(abs(encode(equal, 0, width: 2)[0] - 0.3) < 1e-6, "the middle of four of six")
    }

    @Test func standardNumbersHaveMeanAndDeviation() {
        for kind in [NumberEncodingKind.clip, .log1p] {
            let samples = samples(seed: 9, count: 4000)
            let encoder = kind.fit(samples, bins: Self.bins)
            let columns = samples.values.map { encode(encoder, $0, width: 2)[0] }
            let mean = columns.reduce(0, +) / Float(columns.count)
            #expect(abs(mean) < 1e-3)
            #expect(abs(columns.reduce(0) { $0 + $1 * $1 } / Float(columns.count) - 1) < 1e-2)
        }
        let clip = NumberEncodingKind.clip.fit(samples(seed: 9), bins: Self.bins)
        #expect(encode(clip, 1e9) == encode(clip, 14.99), "an outlier is as the largest that is not")
    }

    /// The rate jumps at 3 and nowhere else: that is the one threshold.
    @Test func targetBinsLieWhereTheRateChanges() {
        let samples = samples(seed: 6)
        let edges = NumberEncodingKind.targetBins.fit(samples, bins: Self.bins).edges
        #expect(edges.count == 3)
        #expect(edges.first == samples.values.min() && edges.last == samples.values.max())
        #expect(abs(edges[1] - 3) < 0.2, "\(edges)")
        var unknown = NumberSamples()
        for value in samples.values { unknown.append(value, recorded: 0, given: 0) }
        #expect(
            NumberEncodingKind.targetBins.fit(unknown, bins: 4).edges
                == NumberEncodingKind.piecewiseLinear.fit(unknown, bins: 4).edges)
    }

    /// Against every way to cut one number once.
    @Test func theFirstThresholdIsTheBestOfAll() {
        let seed: UInt64 = 21
        var random = SeededRandom(seed: seed)
        for round in 0..<20 {
            var samples = NumberSamples()
            for value in 0..<12 {
                samples.append(Float(value), recorded: 100, given: Float(random.below(101)))
            }
            func impurity(_ range: Range<Int>) -> Float {
                let count = Float(100 * range.count)
                let given = samples.given[range].reduce(0, +)
                return given * (count - given) / count
            }
            let best = (1..<12).min { impurity(0..<$0) + impurity($0..<12) < impurity(0..<$1) + impurity($1..<12) }!
            let edges = TargetBins.fit(samples, bins: 2).edges
            #expect(edges == [0, Float(best) - 0.5, 11], "seed \(seed), round \(round)")
        }
    }
}
