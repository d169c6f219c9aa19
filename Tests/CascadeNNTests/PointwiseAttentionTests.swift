import Foundation
import Testing

@testable import CascadeNN

@Suite struct PointwiseAttentionTests {
    private func silu(_ z: Double) -> Double { z / (1 + exp(-z)) }

    private func bucket(_ difference: Int64, of buckets: Int) -> Int {
        min(Int((log(Double(max(abs(difference), 1))) / 0.301).rounded(.down)), buckets - 1)
    }

    @Test(arguments: [false, true], [false, true])
    func stepsSeeTheirSegment(causal: Bool, biased: Bool) throws {
        let (heads, width, wide, reach) = (2, 3, 2, 8)
        let times = OperationCases.stepTimes
        let run = try ScalarRun { b in
            let r = OperationCases.ragged(b)
            return b.plan.pointwiseAttention(
                query: b.operand("q", r.items, heads * width, in: -2...2), key: b.operand("k", r.items, heads * width),
                value: b.operand("v", r.items, heads * wide), r.offsets, heads: heads, divisor: 7, causal: causal,
                positionBias: biased ? b.weight("p", 1, 2 * reach - 1) : nil,
                timeBias: biased ? b.weight("t", 1, 30) : nil, times: biased ? b.indices(r.items, times) : nil)
        }
        var expected = [Float](repeating: 0, count: 11 * heads * wide)
        for (start, end) in zip(OperationCases.borders, OperationCases.borders.dropFirst()) {
            for i in Int(start)..<Int(end) {
                for j in Int(start)..<Int(end) where j <= i || !causal {
                    let later = Int64(times[min(i + 1, Int(end) - 1)])
                    let known =
                        biased
                        ? run["p", 0, j - i + reach - 1] + run["t", 0, bucket(later - Int64(times[j]), of: 30)] : 0
                    for head in 0..<heads {
                        let score = (0..<width).reduce(known) {
                            $0 + run["q", i, head * width + $1] * run["k", j, head * width + $1]
                        }
                        for c in 0..<wide {
                            let column = head * wide + c
                            expected[i * heads * wide + column] += Float(silu(score) / 7 * run["v", j, column])
                        }
                    }
                }
            }
        }
        expectClose(run.values, expected, "pointwiseAttention", absolute: 1e-6)
    }

    /// Two steps with scores of nothing but the entry of their bucket, on both sides of every border.
    @Test(arguments: [128, 20, 1])
    func bucketsAreThoseOfTheLogarithm(buckets: Int) throws {
        var pairs: [(Int32, Int32)] = [(0, 0), (5, 4), (4, 5), (.max, .min), (.min, .max), (.max, 0), (0, .min)]
        for border in 1...71 {
            let near = Int32(exp(0.301 * Double(border)))
            pairs += [(0, near), (0, near + 1), (near - 1, 0), (-7, near - 7)]
        }
        let count = pairs.count
        let table = (0..<buckets).map { Float($0) }
        let run = try ScalarRun(given: [
            "q": [Float](repeating: 0, count: 2 * count), "v": [Float](repeating: 1, count: 2 * count), "t": table,
        ]) { b in
            let items = b.rows("items", 2 * count)
            let offsets = b.offsets(b.rows("segments", count), items, (0...count).map { Int32(2 * $0) })
            let q = b.operand("q", items, 1)
            return b.plan.pointwiseAttention(
                query: q, key: q, value: b.operand("v", items, 1), offsets, heads: 1, divisor: 1,
                timeBias: b.weight("t", 1, buckets), times: b.indices(items, pairs.flatMap { [$0.0, $0.1] }))
        }
        for (index, pair) in pairs.enumerated() {
            let expected = silu(Double(bucket(Int64(pair.1) - Int64(pair.0), of: buckets)))
            #expect(abs(Double(run.values[2 * index]) - expected) < 1e-4, "\(pair) of \(buckets)")
        }
    }

    @Test func badBordersAreRefused() throws {
        let builder = try CaseBuilder(mode: .inference)
        let items = builder.rows("items", 3)
        let offsets = builder.offsets(builder.rows("segments", 2), items, [0, 2, 3])
        let x = builder.operand("x", items, 2)
        _ = try builder.finish(
            builder.plan.pointwiseAttention(query: x, key: x, value: x, offsets, heads: 1, divisor: 1))
        try builder.plan.forward()
        builder.plan.integers(offsets)[1] = 4
        #expect(throws: NNError.self) { try builder.plan.forward() }
    }
}
