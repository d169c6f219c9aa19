import CKernels
import Testing

@testable import CascadeNN

/// Products of matrices in bfloat16, as training makes them.
@Suite struct RoundedProductTests {
    /// m, n, k: less than a block, odd, and over the border of a block in each direction.
    static let shapes = [
        (1, 1, 1), (5, 17, 3), (13, 33, 64), (97, 31, 7), (12, 650, 9), (14, 20, 515), (27, 45, 77), (47, 33, 45),
    ]

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = count
            ck_random_uniform(buffer.baseAddress!, count, seed, -1, 1)
        }
    }

    /// Numbers that bfloat16 holds as they are: eighths between −2 and 2.
    private func eighths(_ count: Int, seed: UInt64) -> [Float] {
        numbers(count, seed: seed).map { ($0 * 16).rounded() / 8 }
    }

    private func multiply(
        _ form: BLAS.Form, _ shape: (m: Int, n: Int, k: Int), _ a: [Float], _ b: [Float], into c: inout [Float],
        acc: Int32
    ) {
        let (m, n, k) = shape
        let room = UnsafeMutablePointer<Float>.allocate(capacity: Int(CK_PRODUCT_ROOM))
        room.initialize(repeating: .nan, count: Int(CK_PRODUCT_ROOM))
        defer { room.deallocate() }
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeMutableBufferPointer { c in
                    var matrices = ck_matrices(
                        a: a.baseAddress, b: b.baseAddress, c: c.baseAddress, m: m, n: n, k: k,
                        a_down: form == .firstTransposed ? 1 : k, a_across: form == .firstTransposed ? m : 1,
                        b_down: form == .secondTransposed ? 1 : n, b_across: form == .secondTransposed ? k : 1,
                        ldc: n + 2, acc: acc)
                    ck_multiply_bfloat16(&matrices, room)
                }
            }
        }
    }

    @Test(arguments: KernelTests.sets, [BLAS.Form.plain, .firstTransposed, .secondTransposed])
    func theyAreTheFormula(isa: Int, form: BLAS.Form) {
        defer { _ = ck_override_isa_on_thread(-1) }
        _ = ck_override_isa_on_thread(Int32(isa))
        for (m, n, k) in Self.shapes {
            let (a, b) = (eighths(m * k, seed: 1), eighths(k * n, seed: 2))
            var c = [Float](repeating: 3, count: m * (n + 2))
            for acc in [Int32(0), 1] {
                multiply(form, (m, n, k), a, b, into: &c, acc: acc)
                for row in 0..<m {
                    for column in 0..<n {
                        let sum = (0..<k).reduce(Float(0)) { sum, i in
                            let left = a[form == .firstTransposed ? i * m + row : row * k + i]
                            return sum + left * b[form == .secondTransposed ? column * k + i : i * n + column]
                        }
                        // Sums of multiples of 1/64 this small are exact.
                        #expect(
                            c[row * (n + 2) + column] == Float(1 + acc) * sum,
                            "isa \(isa), \((m, n, k)), acc \(acc), row \(row), column \(column)")
                    }
                    #expect(c[row * (n + 2) + n] == 3 && c[row * (n + 2) + n + 1] == 3)
                }
            }
        }
    }

    /// A pass of a training plan over operations that multiply in these numbers, and the gradients of its weights.
    private func pass(_ products: ProductPrecision) throws -> (loss: Float, gradients: [Float]) {
        let store = ParameterStore()
        let first = try store.parameter("first", rows: 12, columns: 16, .normal(0.3))
        let bias = try store.parameter("bias", rows: 1, columns: 16, .normal(0.3))
        let full = try store.parameter("full", rows: 16, columns: 16, .normal(0.3))
        let down = try store.parameter("down", rows: 16, columns: 4, .normal(0.3))
        let up = try store.parameter("up", rows: 4, columns: 16, .normal(0.3))
        let keys = try store.parameter("keys", rows: 5, columns: 16, .normal(0.3))
        try store.allocate(seed: 3)
        let plan = Plan(store: store, mode: .training, products: products)
        let rows = plan.dimension("rows", capacity: 30)
        let x = plan.input(rows, columns: 12)
        let labels = plan.input(rows, columns: 5)
        let x0 = plan.linear(x, plan.parameter(first), bias: plan.parameter(bias), activation: .relu)
        var y = plan.cross(x0, x0, weight: plan.parameter(full), bias: plan.parameter(bias))
        y = plan.crossLowRank(
            x0, y, down: plan.parameter(down), up: plan.parameter(up), bias: plan.parameter(bias))
        let logits = plan.matmul(y, plan.parameter(keys), transposed: true)
        let loss = plan.binaryCrossEntropy(logits: logits, labels: labels)
        try plan.seal()
        try plan.setCount(rows, 29)
        _ = plan.floats(x).update(fromContentsOf: numbers(29 * 12, seed: 5))
        _ = plan.floats(labels).update(fromContentsOf: numbers(29 * 5, seed: 6).map { $0 > 0 ? 1 : 0 })
        try plan.forward()
        try plan.backward(from: loss)
        let gradients = try #require(plan.denseGradient)
        return (plan.values(of: loss)[0], (0..<gradients.count).map { gradients.base[$0] })
    }

    @Test(arguments: ProductPrecision.allCases.filter { !$0.isForTraining })
    func plansTrainInTheseOnly(products: ProductPrecision) throws {
        let store = ParameterStore()
        _ = try store.parameter("w", rows: 1, columns: 1, .zeros)
        try store.allocate(seed: 1)
        #expect { try Plan(store: store, mode: .training, products: products).seal() } throws: {
            "\($0)".contains("\(products.rawValue) are for weights that do not change; train in float32 or bfloat16")
        }
    }

    @Test func trainingInBfloat16ComesNearToTrainingInFloat32() throws {
        let (exact, gradients) = try pass(.float32)
        let (rounded, roundedGradients) = try pass(.bfloat16)
        #expect(rounded != exact && abs(rounded - exact) < 0.01 * exact)
        func length(_ x: [Float]) -> Float { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let error = length(zip(gradients, roundedGradients).map { $0 - $1 })
        #expect(error > 0 && error < 0.02 * length(gradients))
    }
}
