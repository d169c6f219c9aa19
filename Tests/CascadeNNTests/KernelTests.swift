import CKernels
import Foundation
import Testing

@testable import CascadeNN

@Suite struct KernelTests {
    static let sets = [CK_ISA_SCALAR, CK_ISA_BASE, CK_ISA_AVX2, CK_ISA_AVX512, CK_ISA_AVX512_BF16, CK_ISA_AMX].filter {
        ck_table_for(Int32($0)) != nil
    }

    /// f over x on one instruction set.
    func evaluate(_ kind: Int, _ x: [Float], isa: Int) -> [Float] {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        return [Float](unsafeUninitializedCapacity: x.count) { buffer, count in
            count = x.count
            ck_activate(Int32(kind), buffer.baseAddress!, x.count, x, x.count, 1, x.count)
        }
    }

    /// Distance in units of the last place of the expected value.
    func ulps(_ got: Float, _ expected: Double) -> Double {
        let unit = Double(Float(expected).ulp)
        return abs(Double(got) - expected) / unit
    }

    @Test(arguments: sets)
    func functionsAreAccurate(isa: Int) {
        let wide = (0..<20001).map { Float($0 - 10000) * 0.0087 }
        let positive = (0..<20000).map { Foundation.exp(Float($0 - 10000) * 0.0085) }
        let functions: [(Int, [Float], Double, (Double) -> Double)] = [
            (CK_EXP, wide, 3, { Foundation.exp($0) }), (CK_LOG, positive, 3, { Foundation.log($0) }),
            (CK_TANH, wide, 4, { Foundation.tanh($0) }),
            (CK_SIGMOID, wide.filter { $0 > -80 }, 4, { 1 / (1 + Foundation.exp(-$0)) }),
            (CK_SOFTPLUS, wide.filter { $0 > -80 }, 6, { Foundation.log1p(Foundation.exp(-abs($0))) + max($0, 0) }),
        ]
        for (kind, inputs, limit, exact) in functions {
            let values = evaluate(kind, inputs, isa: isa)
            for (x, value) in zip(inputs, values) {
                let expected = exact(Double(x))
                let distance = ulps(value, expected)
                if !(distance <= limit) {
                    Issue.record("kind \(kind) isa \(isa) at \(x): \(value), expected \(expected), \(distance) ulp")
                    break
                }
            }
        }
    }

    @Test(arguments: sets)
    func functionsHandleTheExtremes(isa: Int) {
        let tiny = Float.leastNonzeroMagnitude * 71362
        let x: [Float] = [
            .infinity, -.infinity, .nan, 0, 1e30, -1e30, 88.7, 88.8, -103, -105, tiny, 3e38, 1e-30, -0.0, 700, -700,
        ]
        let exp = evaluate(CK_EXP, x, isa: isa)
        #expect(exp[0] == .infinity && exp[1] == 0 && exp[2].isNaN && exp[3] == 1 && exp[4] == .infinity && exp[5] == 0)
        #expect(exp[6].isFinite && exp[7] == .infinity && exp[9] == 0)
        let log = evaluate(CK_LOG, x, isa: isa)
        #expect(log[0] == .infinity && log[1].isNaN && log[2].isNaN && log[3] == -.infinity && log[5].isNaN)
        #expect(abs(log[10] - Foundation.log(tiny)) < 1e-4 && abs(log[11] - Foundation.log(Float(3e38))) < 1e-4)
        let tanh = evaluate(CK_TANH, x, isa: isa)
        #expect(tanh[0] == 1 && tanh[1] == -1 && tanh[2].isNaN && tanh[4] == 1 && tanh[12] == 1e-30)
        let sigmoid = evaluate(CK_SIGMOID, x, isa: isa)
        #expect(sigmoid[0] == 1 && sigmoid[1] == 0 && sigmoid[2].isNaN && sigmoid[3] == 0.5)
        let softplus = evaluate(CK_SOFTPLUS, x, isa: isa)
        #expect(softplus[0] == .infinity && softplus[1] == 0 && softplus[2].isNaN && softplus[14] == 700)
        let relu = evaluate(CK_RELU, x, isa: isa)
        #expect(relu[0] == .infinity && relu[1] == 0 && relu[2].isNaN)
    }

    /// Every length up to past two vectors of the widest set, so that heads and tails are all met.
    @Test(arguments: sets)
    func reductionsAgreeAtEveryLength(isa: Int) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        var random: UInt64 = 5
        func numbers(_ n: Int) -> [Float] {
            (0..<n).map { _ in
                random = mixedSeed(random, 1)
                return Float(random >> 40) / Float(1 << 23) - 1
            }
        }
        for n in 0...150 {
            let a = numbers(n)
            let b = numbers(n)
            let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let distance = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
            #expect(abs(Double(ck_dot(a, b, n)) - dot) < 1e-5, "n \(n)")
            #expect(abs(Double(ck_squared_l2(a, b, n)) - distance) < 1e-5 * (1 + distance), "n \(n)")
            #expect(abs(ck_sum(a, n, 1, n) - a.reduce(0.0) { $0 + Double($1) }) < 1e-9, "n \(n)")
            var poisoned = a
            #expect(ck_first_non_finite(poisoned, n, 1, n) == -1)
            if n > 0 {
                poisoned[n / 2] = n % 2 == 0 ? .nan : -.infinity
                #expect(ck_first_non_finite(poisoned, n, 1, n) == n / 2)
            }
        }
    }

    @Test func randomNumbersAreTheSameEverywhere() {
        func draw(_ isa: Int) -> [Float] {
            defer { _ = ck_override_isa_on_thread(-1) }
            _ = ck_override_isa_on_thread(Int32(isa))
            var x = [Float](repeating: 1, count: 1000)
            ck_random_uniform(&x, 500, 3, -1, 1)
            x.withUnsafeMutableBufferPointer { ck_random_normal($0.baseAddress! + 500, 250, 4, 1, 2) }
            var dropped = [Float](repeating: 0, count: 1000)
            ck_dropout(&dropped, 100, 0, x, 100, 10, 100, 77, 0.4)
            return dropped
        }
        let first = draw(CK_ISA_SCALAR)
        for isa in Self.sets { #expect(draw(isa) == first, "isa \(isa)") }
    }

    @Test func anAbsentSetIsRefused() {
        #expect(ck_override_isa_on_thread(Int32(CK_ISA_COUNT)) == 0)
        #expect(ck_table_for(-1) == nil)
        #expect(ck_active_isa() >= Int32(CK_ISA_SCALAR) && ck_active_isa() < Int32(CK_ISA_COUNT))
    }
}
