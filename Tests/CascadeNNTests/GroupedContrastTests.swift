import CascadeNN
import Testing

/// A contrastive loss in groups is the loss of each group by itself.
@Suite struct GroupedContrastTests {
    private struct Case {
        var queries: [[Float]]
        var items: [[Float]]
        /// Within the group.
        var positives: [Int32]
        var logQ: [Float]
        var weights: [Float]
    }

    private static let cases = [
        Case(
            queries: [[0.5, -0.2], [0.1, 0.9], [-0.4, 0.3]], items: [[0.3, 0.4], [-0.6, 0.2]], positives: [1, 0, 1],
            logQ: [-0.5, -1], weights: [1, 0.3, 2]),
        Case(queries: [], items: [], positives: [], logQ: [], weights: []),
        Case(
            queries: [[0.7, 0.1]], items: [[0.2, -0.8], [0.9, 0.1], [0.4, 0.4]], positives: [2], logQ: [0, -2, -0.1],
            weights: [1]),
    ]

    private let losses: [(String, (Plan, ContrastInputs) -> Value)] = [
        ("softmax", { $0.sampledSoftmax($1, temperature: .constant(0.5)) }),
        ("cosine", { $0.cosineContrast($1, margin: 0.2, negativeWeight: 5) }),
        ("binary", { $0.binaryContrast($1, temperature: .constant(0.5), positiveWeight: 0.5) }),
        ("pairwise", { $0.pairwiseContrast($1, temperature: .constant(0.5)) }),
    ]

    /// The loss with the gradients of queries and items.
    private func run(
        _ cases: [Case], grouped: Bool, positives: [Int32]? = nil, _ record: (Plan, ContrastInputs) -> Value
    ) throws -> (loss: Float, queries: [Float], items: [Float]) {
        let store = ParameterStore()
        _ = try store.parameter("unused", rows: 1, columns: 1)
        try store.allocate(seed: 1)
        let plan = Plan(store: store, mode: .training, seed: 1)
        let queries = cases.flatMap(\.queries)
        let items = cases.flatMap(\.items)
        let rows = plan.dimension("rows", capacity: 8)
        let columns = plan.dimension("columns", capacity: 8)
        let u = plan.input(rows, columns: 2, name: "u", differentiable: true)
        let v = plan.input(columns, columns: 2, name: "v", differentiable: true)
        let positive = plan.indices(rows)
        let logQ = plan.input(columns, columns: 1, name: "logq")
        let weights = plan.input(rows, columns: 1, name: "weights")
        let segments = plan.fixed(cases.count)
        let groups = ContrastGroups(
            rows: plan.offsets(segments: segments, of: rows, maximumLength: 8, name: "rows"),
            columns: plan.offsets(segments: segments, of: columns, maximumLength: 8, name: "columns"))
        let y = record(
            plan,
            ContrastInputs(
                queries: u, items: v, positives: positive, logQ: logQ, weights: weights,
                groups: grouped ? groups : nil))
        plan.keep(y)
        try plan.seal()
        try plan.setCount(rows, queries.count)
        try plan.setCount(columns, items.count)
        for (place, value) in queries.joined().enumerated() { plan.floats(u)[place] = value }
        for (place, value) in items.joined().enumerated() { plan.floats(v)[place] = value }
        for (place, value) in (positives ?? cases.flatMap(\.positives)).enumerated() {
            plan.integers(positive)[place] = value
        }
        for (place, value) in cases.flatMap(\.logQ).enumerated() { plan.floats(logQ)[place] = value }
        for (place, value) in cases.flatMap(\.weights).enumerated() { plan.floats(weights)[place] = value }
        var (row, column): (Int32, Int32) = (0, 0)
        for (index, one) in cases.enumerated() {
            (plan.integers(groups.rows)[index], plan.integers(groups.columns)[index]) = (row, column)
            (row, column) = (row + Int32(one.queries.count), column + Int32(one.items.count))
        }
        (plan.integers(groups.rows)[cases.count], plan.integers(groups.columns)[cases.count]) = (row, column)
        try plan.forward()
        try plan.backward(from: y)
        return (plan.scalar(y), plan.gradients(of: u), plan.gradients(of: v))
    }

    @Test func groupsAreLossesOfTheirOwn() throws {
        for (name, record) in losses {
            let whole = try run(Self.cases, grouped: true, record)
            let rows = Float(Self.cases.reduce(0) { $0 + $1.queries.count })
            var loss: Float = 0
            var queries: [Float] = []
            var items: [Float] = []
            for one in Self.cases where !one.queries.isEmpty {
                let alone = try run([one], grouped: false, record)
                let share = Float(one.queries.count) / rows
                loss += alone.loss * share
                queries += alone.queries.map { $0 * share }
                items += alone.items.map { $0 * share }
            }
            #expect(abs(whole.loss - loss) < 1e-5, "\(name)")
            #expect(zip(whole.queries, queries).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
            #expect(zip(whole.items, items).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
            #expect(whole.queries.contains { abs($0) > 1e-4 }, "\(name)")
        }
    }

    @Test func aPositiveOutsideItsGroupIsRefused() throws {
        #expect(throws: NNError.self) {
            try run(Self.cases, grouped: true, positives: [1, 2, 1, 2]) {
                $0.sampledSoftmax($1, temperature: .constant(0.5))
            }
        }
    }
}
