import CascadeCore
import Testing

@testable import CascadeFeatures

@Suite struct PiecewiseLinearTests {
    private func encode(_ value: Float, edges: [Float], width: Int) -> [Float] {
        var output = [Float](repeating: 9, count: width)
        output.withUnsafeMutableBufferPointer {
            NumberEncoder.piecewiseLinear(PiecewiseLinear(edges: edges)).encode(
                value, into: $0.baseAddress!, width: width)
        }
        return output
    }

    /// The definition, written without a loop's early end: the scalar twin.
    private func naive(_ value: Float, edges: [Float], width: Int) -> [Float] {
        var output = [Float](repeating: 0, count: width)
        guard value.isFinite else {
            output[width - 1] = 1
            return output
        }
        let bins = max(0, edges.count - 1)
        for bin in 0..<bins {
            let share = (value - edges[bin]) / (edges[bin + 1] - edges[bin])
            let low: Float = bin == 0 ? -1 : 0
            let high: Float = bin == bins - 1 ? 2 : 1
            output[bin] = min(max(share, low), high)
        }
        return output
    }

    @Test func knownValues() {
        #expect(encode(1.5, edges: [0, 1, 3], width: 4) == [1, 0.25, 0, 0])
        #expect(encode(-0.5, edges: [0, 1, 3], width: 4) == [-0.5, 0, 0, 0])
        #expect(encode(100, edges: [0, 1, 3], width: 4) == [1, 2, 0, 0])
        #expect(encode(.nan, edges: [0, 1, 3], width: 4) == [0, 0, 0, 1])
        #expect(encode(5, edges: [], width: 3) == [0, 0, 0])
    }

    @Test func agreesWithItsTwin() {
        let seed: UInt64 = 11
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let values = (0..<50).map { _ in Float(random.uniform() * 20 - 10) }
            let encoder = PiecewiseLinear.fit(NumberSamples(values), bins: 1 + random.below(9))
            let value = round % 17 == 0 ? Float.infinity : Float(random.uniform() * 40 - 20)
            #expect(
                encode(value, edges: encoder.edges, width: 11) == naive(value, edges: encoder.edges, width: 11),
                "seed \(seed), round \(round)")
        }
    }

    @Test func quantilesMergeEqualEdgesAndDropConstants() {
        #expect(PiecewiseLinear.fit(NumberSamples([0, 0, 0, 0, 1]), bins: 4).edges == [0, 1])
        #expect(PiecewiseLinear.fit(NumberSamples([3, 3, 3]), bins: 4).edges.isEmpty)
        #expect(PiecewiseLinear.fit(NumberSamples([.nan]), bins: 4).edges.isEmpty)
        #expect(PiecewiseLinear.fit(NumberSamples([4, 0, 2, 1, 3]), bins: 4).edges == [0, 1, 2, 3, 4])
    }
}
