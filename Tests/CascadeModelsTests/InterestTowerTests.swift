import CascadeCore
import CascadeFeatures
@testable import CascadeModels
@testable import CascadeNN
import Testing

/// The user towers that give several vectors.
@Suite struct InterestTowerTests {
    private static let towers = UserEncoders.names.filter { UserEncoders.givesInterests($0) }

    private func fixture(_ tower: String, _ change: (inout RetrievalSettings) -> Void = { _ in }) throws -> ModelFixture
    {
        try ModelFixture(retrieval: {
            $0.userTower = tower
            $0.hidden = 24
            $0.interests = 3
            change(&$0)
        })
    }

    private func vectors(_ fixture: ModelFixture, _ items: [Int32]) throws -> [[Float]] {
        let bundle = try fixture.bundle()
        let users = bundle.retrievalUsers.encode([User(id: UserID("u12"))])
        let flat = try HistorySlice.lend(items: items, codes: items.map { _ in 1 }) {
            try bundle.retrieval.userVectors(users: users, row: 0, history: $0)
        }
        return stride(from: 0, to: flat.count, by: 16).map { Array(flat[$0..<($0 + 16)]) }
    }

    @Test func namesAreKnown() {
        #expect(Self.towers == ["comirec_sa", "mind"])
        #expect(!UserEncoders.givesInterests("pooled") && !UserEncoders.givesInterests("nobody"))
    }

    @Test(arguments: towers) func interestsDifferAndFollowThePast(tower: String) throws {
        let fixture = try fixture(tower)
        let some = try vectors(fixture, [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(some.count == 3)
        #expect(zip(some[0], some[1]).contains { abs($0 - $1) > 1e-4 })
        let other = try vectors(fixture, [1, 2, 3, 4, 15, 16, 17, 18])
        for (one, two) in zip(some, other) { #expect(zip(one, two).contains { abs($0 - $1) > 1e-4 }) }
    }

    /// max(1, min(K, log₂ n)) of them.
    @Test func aShortPastUsesFewCapsules() throws {
        #expect(
            [0, 1, 2, 3, 4, 7, 8, 15, 16, 1000].map { CapsuleInterests.inUse($0, of: 4) } == [
                1, 1, 1, 1, 2, 2, 3, 3, 4, 4,
            ])
        let fixture = try fixture("mind")
        #expect(try [0, 1, 4, 8].map { try vectors(fixture, (0..<$0).map { Int32($0) }).count } == [1, 1, 2, 3])
        #expect(try vectors(try self.fixture("comirec_sa"), []).count == 3)
    }

    /// The capsules that are used do not depend on how many there could be.
    @Test func capsulesOutOfUseTakeNoPart() throws {
        let few = try vectors(try fixture("mind") { $0.interests = 2 }, [1, 2, 3, 4])
        #expect(few.count == 2)
        let fixture = try fixture("mind")
        let (model, store) = try fixture.retrieval()
        // The third capsule's logits are beside the point for a past of four.
        let routing = try #require(store.parameters.first { $0.name == "retrieval.routing" })
        let before = try vectors(fixture, [1, 2, 3, 4])
        let weights = store.weights(routing)
        for row in 0..<routing.rows { weights[row * 3 + 2] = 50 }
        let inference = RetrievalInference(
            model: model, map: fixture.map, store: store, catalog: fixture.map.retrieval.encode(fixture.rows).items)
        let users = try fixture.bundle().retrievalUsers.encode([User(id: UserID("u12"))])
        let after = try HistorySlice.lend(items: [1, 2, 3, 4], codes: [1, 1, 1, 1]) {
            try inference.userVectors(users: users, row: 0, history: $0)
        }
        #expect(after == before.flatMap { $0 })
    }

    @Test(arguments: towers) func oneVectorIsRefused(tower: String) throws {
        let fixture = try fixture(tower)
        let bundle = try fixture.bundle()
        let users = bundle.retrievalUsers.encode([User(id: UserID("u12"))])
        #expect {
            try HistorySlice.lend(items: [1], codes: [1]) {
                try bundle.retrieval.userVector(users: users, row: 0, history: $0)
            }
        } throws: { "\($0)".contains("several vectors") }
        var settings = RetrievalSettings()
        settings.userTower = tower
        #expect(settings.problems().isEmpty)
        #expect(settings.servingProblems().joined().contains("cascade experiment"))
        #expect(RetrievalSettings().servingProblems().isEmpty)
    }

    @Test func settingsAreChecked() {
        var settings = RetrievalSettings()
        settings.interests = 0
        settings.routing = 0
        settings.labelAttention = -1
        let problems = settings.problems()
        for key in ["retrieval.interests", "retrieval.routing", "retrieval.label_attention"] {
            #expect(problems.contains { $0.contains(key) })
        }
        #expect(problems.count == 3)
    }

    /// Read-outs of two users with three interests of width two, for items along the axes.
    private func readOut(_ attention: Double, unused: [Float]? = nil) throws -> [Float] {
        var settings = RetrievalSettings()
        settings.labelAttention = attention
        settings.temperature = 0.1
        let store = ParameterStore()
        _ = try store.parameter("some", rows: 1, columns: 1)
        try store.allocate(seed: 1)
        let plan = Plan(store: store, mode: .inference)
        let rows = plan.dimension("rows", capacity: 2)
        let vectors = plan.input(rows, columns: 6)
        let targets = plan.input(rows, columns: 2)
        let mask = unused.map { _ in plan.input(rows, columns: 3) }
        let interests = UserInterests(count: 3, unused: mask, inUse: { _ in 3 })
        let read = interests.readOut(plan, vectors, targets: targets, settings)
        plan.keep(read)
        try plan.seal()
        try plan.setCount(rows, 2)
        plan.floats(vectors).copy([1, 0, 0.6, 0.8, 0, 1, /**/ -1, 0, 0, -1, 0.8, 0.6])
        plan.floats(targets).copy([0, 1, 1, 0])
        if let mask, let unused { plan.floats(mask).copy(unused) }
        try plan.forward()
        return plan.values(of: read)
    }

    @Test func anItemReadsTheInterestThatIsNearest() throws {
        #expect(try readOut(0) == [0, 1, 0.8, 0.6])
        let out = UserInterests.outOfUse
        #expect(try readOut(0, unused: [0, 0, out, 0, 0, out]) == [0.6, 0.8, 0, -1])
        for (soft, hard) in zip(try readOut(40), try readOut(0)) { #expect(abs(soft - hard) < 1e-4) }
        // All count alike where attention is slight.
        for (slight, mean) in zip(try readOut(0.0001), [1.6 / 3, 1.8 / 3, -0.2 / 3, -0.4 / 3] as [Float]) {
            #expect(abs(slight - mean) < 1e-2)
        }
    }

    /// Gradients of every weight that makes interests are differences. With one round of routing, since later rounds hold
    /// what they route constant.
    @Test(arguments: [("comirec_sa", 0.0), ("comirec_sa", 2), ("mind", 0), ("mind", 2)])
    func gradientsAreDifferences(tower: String, attention: Double) throws {
        let fixture = try fixture(tower) {
            $0.routing = 1
            $0.historyDropout = 0
            $0.labelAttention = attention
            $0.temperature = 0.5
        }
        let recorded = try RecordedTower(fixture)
        let (store, plan) = (recorded.store, recorded.plan)
        _ = try recorded.objective()
        try plan.backward(from: recorded.loss)
        let makers = store.parameters.filter { parameter in
            ["code", "position", "inner", "attention", "bilinear", "hidden", "output"].contains {
                parameter.name.hasPrefix("retrieval.\($0)")
            }
        }
        let gradients = makers.map { plan.gradients(of: plan.parameter($0)) }
        #expect(makers.count >= 5)
        for (parameter, gradient) in zip(makers, gradients) {
            #expect(gradient.contains { $0 != 0 }, "\(parameter.name)")
            let values = store.weights(parameter)
            for index in stride(from: 0, to: values.count, by: max(1, values.count / 12)) {
                let middle = values[index]
                let h: Float = 4e-3
                values[index] = middle + h
                let above = try recorded.objective()
                values[index] = middle - h
                let below = try recorded.objective()
                values[index] = middle
                let expected = (above - below) / Double(2 * h)
                #expect(
                    abs(Double(gradient[index]) - expected) <= 3e-3 + 2e-2 * abs(expected),
                    "\(parameter.name)[\(index)]: \(gradient[index]), difference \(expected)")
            }
        }
    }
}

/// A user tower with the rows of a batch read out, as training records it.
private struct RecordedTower {
    let store: ParameterStore
    let plan: Plan
    /// Σ of the read-outs by random weights.
    let loss: Value
    private let read: Value
    private let weights: [Float]

    init(_ fixture: ModelFixture) throws {
        let (model, store) = try fixture.retrieval()
        // Larger rows than training starts at, so that routing and attention have something to tell apart.
        for table in store.tables { for index in store.weights(table).indices { store.weights(table)[index] *= 8 } }
        let plan = Plan(store: store, mode: .training)
        let items = model.recordItems(plan, capacity: 30)
        let users = model.recordUsers(plan, capacity: 3, steps: nil, items: items)
        let positives = plan.indices(users.rows)
        read = users.queries(plan, items: items.vectors, positives: positives, settings: fixture.settings.retrieval)
        let wanted = plan.input(users.rows, columns: 16)
        loss = plan.sum(plan.multiply(read, wanted))
        try plan.seal()
        let assembler = BatchAssembler(
            map: fixture.map, space: fixture.map.retrieval, items: fixture.map.retrieval.encode(fixture.rows).items)
        let encoded = EntityEncoder(layout: fixture.map.retrieval.users, table: fixture.map.retrieval.table)
            .encode((0..<3).map { User(id: UserID("u\($0 + 12)")) })
        for (row, past) in [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13], []].enumerated() {
            HistorySlice.lend(items: past.map { Int32($0) }, codes: past.map { UInt8($0 % 3) }) {
                let context = assembler.addContext(users: encoded, row: row, history: $0)
                assembler.addRow(context: context, item: Int32(20 + row), counters: nil)
            }
        }
        try items.load(assembler.batch, plan)
        try users.load(assembler.batch, plan)
        plan.integers(positives).copy(assembler.batch.rowItem)
        var random = SeededRandom(seed: 3)
        weights = (0..<48).map { _ in Float(random.uniform() * 2 - 1) }
        plan.floats(wanted).copy(weights)
        self.store = store
        self.plan = plan
    }

    /// In double: a float sum would drown small differences.
    func objective() throws -> Double {
        try plan.forward()
        return zip(plan.values(of: read), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}
