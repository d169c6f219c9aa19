import CKernels
import Foundation
import Testing

@testable import CascadeNN

@Suite struct FieldTests {
    @Test func fieldsAreMappedByTheirOwnMatrices() throws {
        let widths = [2, 1, 4]
        for biased in [false, true] {
            let run = try ScalarRun { b in
                b.plan.fieldLinear(
                    b.operand("x", b.rows("rows", 3), 7), widths: widths, weight: b.weight("w", 7, 3),
                    bias: biased ? b.weight("b", 1, 9) : nil)
            }
            var expected: [Float] = []
            for row in 0..<3 {
                var start = 0
                for (field, width) in widths.enumerated() {
                    for column in 0..<3 {
                        var sum = biased ? run["b", 0, 3 * field + column] : 0
                        for k in start..<start + width { sum += run["x", row, k] * run["w", k, column] }
                        expected.append(Float(sum))
                    }
                    start += width
                }
            }
            expectClose(run.values, expected, "fieldLinear")
        }
    }

    @Test(arguments: [1, 5, 64, 70])
    func secondOrderIsTheSumOfPairs(width: Int) throws {
        let run = try ScalarRun { b in b.plan.secondOrder(b.operand("x", b.rows("rows", 3), 4 * width), fields: 4) }
        var expected: [Float] = []
        for row in 0..<3 {
            for column in 0..<width {
                let field = (0..<4).map { run["x", row, $0 * width + column] }
                let sum = field.reduce(0, +)
                expected.append(Float((sum * sum - field.reduce(0) { $0 + $1 * $1 }) / 2))
            }
        }
        expectClose(run.values, expected, "secondOrder")
    }

    @Test(arguments: [1, 4, 19])
    func fieldAwareDotsCrossTheBlocks(width: Int) throws {
        let run = try ScalarRun { b in b.plan.fieldAwareDots(b.operand("x", b.rows("rows", 3), 9 * width), fields: 3) }
        var expected: [Float] = []
        for row in 0..<3 {
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                var sum = 0.0
                for c in 0..<width {
                    sum += run["x", row, (3 * i + j) * width + c] * run["x", row, (3 * j + i) * width + c]
                }
                expected.append(Float(sum))
            }
        }
        expectClose(run.values, expected, "fieldAwareDots")
    }

    @Test(arguments: [nil, 1, 0.3] as [Float?])
    func queriesAskTheKeysOfTheirRow(scale: Float?) throws {
        let (queries, keys, heads, width) = (2, 5, 3, 4)
        let run = try ScalarRun { b in
            let n = b.rows("rows", 3)
            return b.plan.fieldAttention(
                query: b.operand("q", n, queries * heads * width), key: b.operand("k", n, keys * heads * width),
                value: b.operand("v", n, keys * heads * width), queries: queries, keys: keys, heads: heads, scale: scale
            )
        }
        var expected: [Float] = []
        for row in 0..<3 {
            for query in 0..<queries {
                for head in 0..<heads {
                    let place = { (block: Int, c: Int) in (block * heads + head) * width + c }
                    let powers = (0..<keys).map { key in
                        let score = (0..<width).reduce(0.0) {
                            $0 + run["q", row, place(query, $1)] * run["k", row, place(key, $1)]
                        }
                        return exp(score * Double(scale ?? 0.5))
                    }
                    let total = powers.reduce(0, +)
                    for c in 0..<width {
                        let sum = (0..<keys).reduce(0.0) { $0 + powers[$1] * run["v", row, place($1, c)] }
                        expected.append(Float(sum / total))
                    }
                }
            }
        }
        expectClose(run.values, expected, "fieldAttention")
    }

    // MARK: periodic

    @Test func numbersBecomeWaves() throws {
        let run = try ScalarRun { b in
            b.plan.periodic(
                b.operand("x", b.rows("rows", 4), 3, in: -2...2), coefficients: b.weight("c", 3, 5, in: -2...2))
        }
        var expected: [Float] = []
        for row in 0..<4 {
            for field in 0..<3 {
                let angles = (0..<5).map { 2 * Double.pi * run["c", field, $0] * run["x", row, field] }
                expected += angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
            }
        }
        expectClose(run.values, expected, "periodic")
    }

    /// The kernel itself, against the functions of the product as a float holds it.
    @Test(arguments: KernelTests.sets)
    func wavesAreAccurate(isa: Int) {
        let x = (0..<40001).map { Float($0 - 20000) * 0.0317 } + [4_194_303.5, -4_194_303.25, 1e-30, 0, -0.125, 0.125]
        let y = waves(x, isa: isa)
        for (index, t) in x.enumerated() {
            let angle = 2 * Double.pi * (Double(t) - Double(t).rounded())
            let errors = (abs(Double(y[2 * index]) - cos(angle)), abs(Double(y[2 * index + 1]) - sin(angle)))
            if !(errors.0 < 1.5e-7 && errors.1 < 1.5e-7) {
                Issue.record("isa \(isa) at \(t): \(y[2 * index]), \(y[2 * index + 1]), off by \(errors)")
                break
            }
        }
    }

    @Test(arguments: KernelTests.sets)
    func wavesHandleTheExtremes(isa: Int) {
        let y = waves([.infinity, -.infinity, .nan, 4_194_304, -3e38, 0.25, 0.5, -0.25], isa: isa)
        #expect(y[0..<6].allSatisfy { $0.isNaN })
        #expect(Array(y[6..<16]) == [1, 0, 1, 0, 0, 1, -1, 0, 0, -1])
    }

    /// cos and sin of 2πx in turns, each from another place of a vector.
    private func waves(_ x: [Float], isa: Int) -> [Float] {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        let k = 35
        let ones = [Float](repeating: 1, count: k)
        var y = [Float](repeating: 0, count: 2 * k * x.count)
        ck_periodic(&y, 2 * k, x, 1, ones, k, x.count, 1, k)
        return x.indices.flatMap { row in
            let cosine = 2 * k * row + row % k
            return [y[cosine], y[cosine + k]]
        }
    }
}
