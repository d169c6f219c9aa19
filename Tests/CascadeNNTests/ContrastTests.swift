import CascadeNN
import Testing

/// Columns that are no negative of a row have no part in its loss.
@Suite struct ContrastTests {
    private func loss(
        items: [Float], logQ: [Float]? = nil, _ record: (Plan, ContrastInputs) -> Value
    ) throws -> Float {
        let store = ParameterStore()
        _ = try store.parameter("unused", rows: 1, columns: 1)
        try store.allocate(seed: 1)
        let plan = Plan(store: store, mode: .training, seed: 1)
        let rows = plan.dimension("rows", capacity: 1)
        let columns = plan.dimension("columns", capacity: items.count)
        let u = plan.input(rows, columns: 1, name: "u", differentiable: true)
        let v = plan.input(columns, columns: 1, name: "v", differentiable: true)
        let positives = plan.indices(rows)
        let corrections = plan.input(columns, columns: 1, name: "logq")
        let y = record(plan, ContrastInputs(queries: u, items: v, positives: positives, logQ: corrections))
        plan.keep(y)
        try plan.seal()
        try plan.setCount(rows, 1)
        try plan.setCount(columns, items.count)
        plan.floats(u)[0] = 1
        for (place, item) in items.enumerated() {
            plan.floats(v)[place] = item
            plan.floats(corrections)[place] = logQ?[place] ?? 0
        }
        plan.integers(positives)[0] = 0
        try plan.forward()
        return plan.scalar(y)
    }

    private let losses: [(String, (Plan, ContrastInputs) -> Value)] = [
        ("softmax", { $0.sampledSoftmax($1, temperature: .constant(0.5)) }),
        ("cosine", { $0.cosineContrast($1, margin: 0.2, negativeWeight: 5) }),
        ("binary", { $0.binaryContrast($1, temperature: .constant(0.5), positiveWeight: 0.5) }),
        ("pairwise", { $0.pairwiseContrast($1, temperature: .constant(0.5)) }),
    ]

    @Test func columnsWithAnInfiniteCorrectionAreLeftOut() throws {
        for (name, record) in losses {
            let without = try loss(items: [0.8, 0.5, -0.3], record)
            let out = try loss(items: [0.8, 0.9, 0.5, -0.3], logQ: [0, .infinity, 0, 0], record)
            #expect(abs(without - out) < 1e-6, "\(name): \(without), \(out)")
            #expect(try loss(items: [0.8, 0.9, 0.5, -0.3], record) > out, "\(name)")
        }
    }

    @Test func aRowWithoutNegativesIsFinite() throws {
        for (name, record) in losses {
            #expect(try loss(items: [0.8], record).isFinite, "\(name)")
        }
    }
}
