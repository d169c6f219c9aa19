import Testing

@testable import CascadeNN

@Suite struct PlanTests {
    func emptyStore() throws -> ParameterStore {
        let store = ParameterStore()
        _ = try store.parameter("w", rows: 4, columns: 3)
        try store.allocate(seed: 1)
        return store
    }

    @Test func misfitsAreThrownWhenSealing() throws {
        let store = try emptyStore()
        let misfits: [(Plan, Dimension, Dimension) -> Value] = [
            { plan, a, b in plan.add(plan.input(a, columns: 2), plan.input(b, columns: 2)) },
            { plan, a, _ in plan.add(plan.input(a, columns: 2), plan.input(a, columns: 3)) },
            { plan, a, _ in plan.linear(plan.input(a, columns: 5), plan.parameter(store.parameters[0])) },
            { plan, a, b in plan.matmul(plan.input(a, columns: 2), plan.input(b, columns: 2)) },
            { plan, a, _ in plan.slice(plan.input(a, columns: 2), columns: 1..<3) },
            { plan, a, _ in plan.pairwiseDots(plan.input(a, columns: 5), fields: 2) },
            { plan, a, _ in plan.dropout(plan.input(a, columns: 5), rate: 1) },
            { plan, _, _ in plan.concat([]) },
            { plan, a, b in plan.concat([plan.input(a, columns: 1), plan.input(b, columns: 1)]) },
            { plan, a, _ in plan.input(a, columns: 0) },
            { plan, _, _ in plan.parameter(store.parameters[0], rows: 2..<5) },
            { plan, a, _ in plan.mixture(experts: [plan.input(a, columns: 2)], gates: plan.input(a, columns: 2)) },
            { plan, a, b in
                plan.sampledSoftmax(
                    ContrastInputs(
                        queries: plan.input(a, columns: 2), items: plan.input(b, columns: 2),
                        positives: plan.indices(b)),
                    temperature: .constant(1))
            },
        ]
        try expectMisfits(misfits, store)
    }

    @Test func misfitsOfFieldsAreThrownWhenSealing() throws {
        let store = try emptyStore()
        try expectMisfits(
            [
                { plan, a, _ in
                    plan.fieldLinear(
                        plan.input(a, columns: 4), widths: [1, 2], weight: plan.input(plan.fixed(4), columns: 2))
                },
                { plan, a, _ in
                    plan.fieldLinear(
                        plan.input(a, columns: 4), widths: [4, 0], weight: plan.input(plan.fixed(4), columns: 2))
                },
                { plan, a, _ in
                    plan.fieldLinear(
                        plan.input(a, columns: 4), widths: [4], weight: plan.input(plan.fixed(3), columns: 2))
                },
                { plan, a, b in
                    plan.fieldLinear(plan.input(a, columns: 4), widths: [4], weight: plan.input(b, columns: 2))
                },
                { plan, a, _ in
                    plan.fieldLinear(
                        plan.input(a, columns: 4), widths: [2, 2], weight: plan.input(plan.fixed(4), columns: 2),
                        bias: plan.input(plan.fixed(1), columns: 2))
                },
                { plan, a, _ in plan.secondOrder(plan.input(a, columns: 5), fields: 2) },
                { plan, a, _ in plan.secondOrder(plan.input(a, columns: 5), fields: 1) },
                { plan, a, _ in plan.fieldAwareDots(plan.input(a, columns: 6), fields: 2) },
                { plan, a, _ in plan.fieldAwareDots(plan.input(a, columns: 6), fields: 0) },
                { plan, a, _ in plan.periodic(plan.input(a, columns: 3), coefficients: plan.input(a, columns: 3)) },
                { plan, a, _ in
                    plan.periodic(plan.input(a, columns: 3), coefficients: plan.input(plan.fixed(2), columns: 3))
                },
                { plan, a, _ in
                    let x = plan.input(a, columns: 12)
                    return plan.fieldAttention(query: x, key: x, value: x, queries: 2, keys: 3, heads: 2)
                },
                { plan, a, b in
                    let x = plan.input(b, columns: 12)
                    return plan.fieldAttention(
                        query: plan.input(a, columns: 12), key: x, value: x, queries: 3, keys: 3, heads: 2)
                },
                { plan, a, _ in
                    let x = plan.input(a, columns: 12)
                    return plan.fieldAttention(
                        query: x, key: x, value: plan.input(a, columns: 6), queries: 3, keys: 3, heads: 0)
                },
            ], store)
    }

    @Test func misfitsOfSegmentsAndLossesAreThrownWhenSealing() throws {
        let store = try emptyStore()
        /// Attention over segments of up to three rows.
        func attend(
            heads: Int = 1, divisor: Float = 1, place: Int? = nil, buckets: Int? = nil, timed: Bool = false
        ) -> (Plan, Dimension, Dimension) -> Value {
            { plan, a, b in
                let x = plan.input(b, columns: 2)
                return plan.pointwiseAttention(
                    query: x, key: x, value: x, plan.offsets(segments: a, of: b, maximumLength: 3), heads: heads,
                    divisor: divisor, positionBias: place.map { plan.input(plan.fixed(1), columns: $0) },
                    timeBias: buckets.map { plan.input(plan.fixed(1), columns: $0) },
                    times: timed ? plan.indices(b) : nil)
            }
        }
        try expectMisfits(
            [
                attend(heads: 3), attend(heads: 0), attend(divisor: 0), attend(place: 3), attend(place: 6),
                attend(buckets: 4), attend(timed: true),
                { plan, a, _ in
                    plan.softCrossEntropy(logits: plan.input(a, columns: 3), targets: plan.input(a, columns: 2))
                },
                { plan, a, _ in
                    let x = plan.input(a, columns: 3)
                    return plan.softCrossEntropy(logits: x, targets: x, weights: x)
                },
                { plan, a, _ in plan.jointLogit(plan.input(a, columns: 3), plan.input(a, columns: 1)) },
                { plan, a, _ in plan.fold(plan.input(a, columns: 5), groups: 2) },
                { plan, a, b in plan.unfold(plan.input(b, columns: 5), groups: 2, to: a) },
                { plan, a, _ in
                    let x = plan.input(a, columns: 3)
                    return plan.binaryCrossEntropyColumns(logits: x, labels: x, weights: plan.input(a, columns: 1))
                },
                { plan, a, b in
                    let x = plan.input(a, columns: 1)
                    return plan.pairwiseLogistic(
                        logits: x, labels: x, plan.offsets(segments: a, of: b, maximumLength: 3))
                },
                { plan, a, b in
                    let x = plan.input(b, columns: 1)
                    return plan.pairwiseHinge(
                        logits: x, labels: x, plan.offsets(segments: a, of: b, maximumLength: 3), margin: 0)
                },
                { plan, a, _ in
                    plan.uncertaintyWeighted(
                        plan.input(plan.fixed(1), columns: 3), logVariances: plan.input(plan.fixed(1), columns: 2),
                        over: a)
                },
            ], store)
    }

    private func expectMisfits(
        _ misfits: [(Plan, Dimension, Dimension) -> Value], _ store: ParameterStore
    ) throws {
        for (number, misfit) in misfits.enumerated() {
            let plan = Plan(store: store, mode: .training)
            _ = misfit(plan, plan.dimension("a", capacity: 4), plan.dimension("b", capacity: 4))
            let error = #expect(throws: NNError.self, "misfit \(number)") { try plan.seal() }
            guard case .shape = error else {
                Issue.record("misfit \(number) gave \(String(describing: error))")
                continue
            }
        }
    }

    @Test func plansAreUsedInOrder() throws {
        let store = try emptyStore()
        let plan = Plan(store: store, mode: .inference)
        let rows = plan.dimension("rows", capacity: 2)
        let x = plan.input(rows, columns: 3)
        let y = plan.mean(x)
        #expect(throws: NNError.self) { try plan.forward() }
        try plan.seal()
        #expect(throws: NNError.self) { try plan.seal() }
        #expect(throws: NNError.capacity(dimension: "rows", count: 3, capacity: 2)) { try plan.setCount(rows, 3) }
        #expect(throws: NNError.self) { try plan.setCount(rows, -1) }
        #expect(throws: NNError.self) { try plan.setCount(plan.fixed(1), 0) }
        try plan.setCount(rows, 2)
        _ = plan.floats(x).update(from: [1, 2, 3, 4, 5, 6])
        try plan.forward()
        #expect(plan.scalar(y) == 3.5)
        #expect(throws: NNError.self) { try plan.backward(from: y) }
        let empty = Plan(store: ParameterStore(), mode: .training)
        #expect(throws: NNError.self) { try empty.seal() }
    }

    /// No rows at all: losses are 0, gradients are cleared, nothing crashes.
    @Test(arguments: OperationCases.all.filter { !["weightedSum"].contains($0.name) })
    func emptyBatchesAreFine(operation: OperationCase) throws {
        let builder = try CaseBuilder()
        let result = operation.build(builder)
        let loss = operation.isLoss ? result : builder.plan.sum(result)
        _ = try builder.finish(result)
        try builder.plan.forward()
        try builder.plan.backward(from: loss)
        builder.emptyBatch()
        try builder.plan.forward()
        try builder.plan.backward(from: loss)
        for operand in builder.operands { #expect(builder.plan.gradients(of: operand.value).allSatisfy { $0 == 0 }) }
        #expect(builder.plan.values(of: loss) == [0])
    }

    @Test func badSegmentsAreRefused() throws {
        let cases: [([Int32], Int)] = [
            ([1, 3, 4], 2), ([0, 3, 2], 1), ([0, 1, 5], 1), ([0, 1, 3], 2), ([0, 4, 4], 0), ([0, -1, 4], 0),
        ]
        for (numbers, segment) in cases {
            let plan = Plan(store: try emptyStore(), mode: .inference)
            let segments = plan.dimension("segments", capacity: 2)
            let items = plan.dimension("items", capacity: 4)
            let offsets = plan.offsets(segments: segments, of: items, maximumLength: 3, name: "borders")
            _ = plan.segmentSum(plan.input(items, columns: 1), offsets)
            try plan.seal()
            try plan.setCount(segments, 2)
            try plan.setCount(items, 4)
            _ = plan.integers(offsets).update(from: numbers)
            let error = #expect(throws: NNError.self, "\(numbers)") { try plan.forward() }
            guard case .offsets(let name, let at, _) = error else {
                Issue.record("\(numbers) gave \(String(describing: error))")
                continue
            }
            #expect(name == "borders" && at == segment, "\(numbers)")
        }
    }

    @Test func dropoutKeepsTheMeanAndRepeats() throws {
        let store = try emptyStore()
        let plan = Plan(store: store, mode: .training, seed: 5)
        let rows = plan.dimension("rows", capacity: 300)
        let x = plan.input(rows, columns: 70, differentiable: true)
        let first = plan.dropout(x, rate: 0.3)
        let second = plan.dropout(x, rate: 0.3)
        let loss = plan.sum(first)
        try plan.seal()
        try plan.setCount(rows, 300)
        plan.floats(x).update(repeating: 1)
        try plan.forward()
        let values = plan.values(of: first)
        let kept = values.filter { $0 != 0 }
        #expect(kept.allSatisfy { abs($0 - 1 / 0.7) < 1e-6 })
        #expect(abs(Double(kept.count) / 21000 - 0.7) < 0.01)
        #expect(plan.values(of: second) != values)
        try plan.backward(from: loss)
        #expect(plan.gradients(of: x) == values)
        try plan.forward()
        #expect(plan.values(of: first) == values)
        plan.setStep(1)
        try plan.forward()
        #expect(plan.values(of: first) != values)
    }

    @Test func stopGradientStopsOnlyTheGradient() throws {
        let plan = Plan(store: try emptyStore(), mode: .training)
        let rows = plan.dimension("rows", capacity: 1)
        let x = plan.input(rows, columns: 2, differentiable: true)
        let y = plan.multiply(x, plan.stopGradient(x))
        let loss = plan.sum(y)
        try plan.seal()
        try plan.setCount(rows, 1)
        _ = plan.floats(x).update(from: [3, -2])
        try plan.forward()
        try plan.backward(from: loss)
        #expect(plan.scalar(loss) == 13)
        #expect(plan.gradients(of: x) == [3, -2])
    }

    /// Row slices of a weight are views: the parts of a linear map add up to the whole, and so do their gradients.
    @Test func partsOfAWeightAddUp() throws {
        let store = try emptyStore()
        let w = store.parameters[0]
        func run(split: Bool) throws -> ([Float], [Float]) {
            let plan = Plan(store: store, mode: .training)
            let rows = plan.dimension("rows", capacity: 2)
            let x = plan.input(rows, columns: 4)
            let y =
                split
                ? plan.add(
                    plan.linear(plan.slice(x, columns: 0..<1), plan.parameter(w, rows: 0..<1)),
                    plan.linear(plan.slice(x, columns: 1..<4), plan.parameter(w, rows: 1..<4)))
                : plan.linear(x, plan.parameter(w))
            let loss = plan.sum(plan.square(y))
            try plan.seal()
            try plan.setCount(rows, 2)
            _ = plan.floats(x).update(from: [1, 2, -1, 0.5, 3, -2, 1, 1])
            try plan.forward()
            try plan.backward(from: loss)
            return (plan.values(of: y), plan.gradients(of: plan.parameter(w)))
        }
        let whole = try run(split: false)
        let parts = try run(split: true)
        expectClose(parts.0, whole.0, "values")
        expectClose(parts.1, whole.1, "gradients")
    }

    /// Inference plans share places between values that do not live at the same time.
    @Test func inferencePlansReuseMemory() throws {
        let store = try emptyStore()
        func size(_ mode: Plan.Mode) throws -> Int {
            let plan = Plan(store: store, mode: mode)
            var x = plan.input(plan.dimension("rows", capacity: 64), columns: 16)
            for _ in 0..<20 { x = plan.tanh(x) }
            try plan.seal()
            return plan.buffers[0].count
        }
        #expect(try size(.training) == 21 * 1024)
        #expect(try size(.inference) == 3 * 1024)
    }

    @Test func intervalsNeverOverlap() {
        var random: UInt64 = 42
        for round in 0..<200 {
            var allocator = IntervalAllocator(reuse: true)
            var placed: [(range: Range<Int>, life: ClosedRange<Int>)] = []
            for start in 0..<30 {
                random = mixedSeed(random, UInt64(round))
                let count = Int(random % 50) + 1
                let end = start + Int((random >> 20) % 8)
                let offset = allocator.place(count, from: start, to: end)
                #expect(offset >= 0 && offset + count <= allocator.size)
                for other in placed where other.life.overlaps(start...end) {
                    #expect(!other.range.overlaps(offset..<offset + count), "round \(round)")
                }
                placed.append((offset..<offset + count, start...end))
            }
        }
    }

    @Test func nearestCodesAreNearest() throws {
        let plan = Plan(store: try emptyStore(), mode: .inference)
        let rows = plan.dimension("rows", capacity: 300)
        let x = plan.input(rows, columns: 2)
        let codebook = plan.input(plan.fixed(3), columns: 2)
        let codes = plan.nearestCode(x, codebook: codebook)
        try plan.seal()
        try plan.setCount(rows, 300)
        _ = plan.floats(codebook).update(from: [0, 0, 1, 0, 0, 2])
        for row in 0..<300 {
            plan.floats(x)[2 * row] = row % 3 == 1 ? 0.9 : 0.1
            plan.floats(x)[2 * row + 1] = row % 3 == 2 ? 1.8 : 0.2
        }
        try plan.forward()
        #expect(Array(plan.integers(codes)) == (0..<300).map { Int32($0 % 3) })
    }
}
