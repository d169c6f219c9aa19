import CascadeCore
import CascadeFeatures
@testable import CascadeModels
import CascadeNN
import Testing

/// What every user tower keeps, and what the causal ones keep beside.
@Suite struct UserTowerTests {
    private static let causal = UserEncoders.names.filter { UserEncoders.readsItems($0) }

    private func fixture(_ tower: String, steps: Int = 100) throws -> ModelFixture {
        try ModelFixture(
            retrieval: {
                $0.userTower = tower
                $0.layers = 2
                $0.heads = 2
                $0.hidden = 24
                $0.userID = true
            }, features: { $0.retrievalHistoryLength = steps })
    }

    private func vector(_ fixture: ModelFixture, user: String = "u12", _ items: [Int32], codes: [UInt8]? = nil) throws
        -> [Float]
    {
        let bundle = try fixture.bundle()
        let users = bundle.retrievalUsers.encode([User(id: UserID(user))])
        return try HistorySlice.lend(items: items, codes: codes ?? items.map { _ in 1 }) {
            try bundle.retrieval.userVectors(users: users, row: 0, history: $0)
        }
    }

    @Test(arguments: UserEncoders.names) func vectorsHaveLengthOne(tower: String) throws {
        let fixture = try fixture(tower)
        for past in [[], [3], [Int32](0..<30), (0..<200).map { Int32($0 % 30) }] {
            let vectors = try vector(fixture, past)
            #expect(vectors.count == 16 || UserEncoders.givesInterests(tower))
            for start in stride(from: 0, to: vectors.count, by: 16) {
                let length = vectors[start..<(start + 16)].reduce(0) { $0 + $1 * $1 }
                #expect(abs(length - 1) < 1e-4, "\(tower), \(past.count) steps")
            }
        }
    }

    @Test(arguments: UserEncoders.names) func pastAndUserTell(tower: String) throws {
        let fixture = try fixture(tower)
        let one = try vector(fixture, [1, 2, 3])
        func differs(_ other: [Float]) -> Bool { zip(one, other).contains { abs($0 - $1) > 1e-4 } }
        #expect(differs(try vector(fixture, [1, 2, 4])) == (tower != "features"))
        #expect(differs(try vector(fixture, user: "u13", [1, 2, 3])))
    }

    /// The last 200 steps tell, down to the oldest of them, and what lies before does not.
    @Test(arguments: UserEncoders.names.filter { $0 != "features" }) func twoHundredStepsAreRead(tower: String) throws {
        let fixture = try fixture(tower, steps: 200)
        let past = (0..<201).map { Int32($0 % 29) }
        func changed(_ step: Int) throws -> [Float] {
            var other = past
            other[step] = 29
            return try vector(fixture, other)
        }
        let one = try vector(fixture, past)
        #expect(try changed(0) == one)
        for step in [1, 100, 200] { #expect(try changed(step) != one, "step \(step)") }
    }

    /// Only a tower that training showed contexts without a past has something to say of users without one.
    @Test func towersThatLearnWithoutAPast() {
        func learns(_ tower: String, strangers: Double) -> Bool {
            var settings = RetrievalSettings()
            settings.userTower = tower
            settings.strangers = strangers
            return settings.learnsWithoutPast
        }
        for tower in UserEncoders.names { #expect(learns(tower, strangers: 0.05), "\(tower)") }
        #expect(UserEncoders.names.filter { learns($0, strangers: 0) } == ["features", "gated", "sasrec"])
        #expect(!learns("no tower", strangers: 0.05))
    }

    /// Without a hidden layer the pooled tower is a sum: a past of one item points where that item's rows do.
    @Test func withoutAHiddenLayerPastAndFeaturesAreAdded() throws {
        let fixture = try ModelFixture(retrieval: { $0.hidden = 0 })
        let (one, same, other) = (
            try vector(fixture, [4]), try vector(fixture, [4, 4, 4, 4]), try vector(fixture, [7])
        )
        func cosine(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
        #expect(cosine(one, same) > cosine(one, other))
        #expect(RetrievalSettings().problems().isEmpty)
        var settings = RetrievalSettings()
        settings.hidden = 0
        #expect(settings.problems().isEmpty)
        settings.userTower = "sasrec"
        #expect(settings.problems().contains { $0.contains("retrieval.hidden") })
    }

    /// Weights that depend on the age of a step and on the step itself.
    @Test func theAttentiveTowerWeighsStepsByFeedbackAndAge() throws {
        let fixture = try fixture("attention")
        let one = try vector(fixture, [1, 2, 3])
        let liked = try vector(fixture, [1, 2, 3], codes: [1, 0, 3])
        #expect(zip(one, liked).contains { abs($0 - $1) > 1e-4 })
        #expect((0..<9).map { PastInputs.octave($0) } == [0, 1, 2, 2, 3, 3, 3, 3, 4])
        #expect(PastInputs.octave(1_000_000) == Int32(PastInputs.octaves - 1))
    }

    /// The pooled tower starts with equal weights of all feedback and takes no order.
    @Test(arguments: causal) func orderAndFeedbackOfThePastTell(tower: String) throws {
        let fixture = try fixture(tower)
        let one = try vector(fixture, [1, 2, 3])
        let turned = try vector(fixture, [3, 2, 1])
        let liked = try vector(fixture, [1, 2, 3], codes: [1, 0, 3])
        #expect(zip(one, turned).contains { abs($0 - $1) > 1e-4 })
        #expect(zip(one, liked).contains { abs($0 - $1) > 1e-4 })
    }

    /// Records the tower as training does, over the items of the batch.
    private func steps(_ fixture: ModelFixture, pasts: [[Int32]]) throws -> [Float] {
        let (model, store) = try fixture.retrieval()
        let plan = Plan(store: store, mode: .inference)
        let items = model.recordItems(plan, capacity: 30)
        let users = model.recordUsers(plan, capacity: pasts.count, steps: nil, items: items)
        let vectors = try #require(users.steps)
        plan.keep(vectors)
        try plan.seal()
        let (_, catalog) = fixture.map.retrieval.encode(fixture.rows)
        let encoded = EntityEncoder(layout: fixture.map.retrieval.users, table: fixture.map.retrieval.table)
            .encode(pasts.indices.map { _ in User(id: UserID("u12")) })
        let assembler = BatchAssembler(map: fixture.map, space: fixture.map.retrieval, items: catalog)
        for (row, past) in pasts.enumerated() {
            _ = HistorySlice.lend(items: past, codes: past.map { _ in 1 }) {
                assembler.addContext(users: encoded, row: row, history: $0)
            }
        }
        try items.load(assembler.batch, plan)
        try users.load(assembler.batch, plan)
        try plan.forward()
        return plan.values(of: vectors)
    }

    @Test(arguments: causal) func servingTakesTheLastStepOfTraining(tower: String) throws {
        let fixture = try fixture(tower)
        let vectors = try steps(fixture, pasts: [[4, 5], [], [1, 2, 3]])
        #expect(vectors.count == (3 + 1 + 4) * 16)
        for (last, past) in [(2, [4, 5]), (3, []), (7, [1, 2, 3])] as [(Int, [Int32])] {
            let served = try vector(fixture, past)
            for (left, right) in zip(served, vectors[(last * 16)..<((last + 1) * 16)]) {
                #expect(abs(left - right) < 1e-5, "\(tower), past \(past)")
            }
        }
    }

    @Test(arguments: causal) func noStepSeesWhatComesAfter(tower: String) throws {
        let fixture = try fixture(tower)
        let one = try steps(fixture, pasts: [[1, 2, 3, 4]])
        let other = try steps(fixture, pasts: [[1, 2, 9, 8]])
        for (left, right) in zip(one.prefix(3 * 16), other.prefix(3 * 16)) { #expect(abs(left - right) < 1e-6) }
        #expect(zip(one[(3 * 16)...], other[(3 * 16)...]).contains { abs($0 - $1) > 1e-4 })
    }

    @Test func unknownTowersNameTheKnownOnes() throws {
        var settings = RetrievalSettings()
        settings.userTower = "magic"
        settings.heads = 7
        settings.inBatchNegatives = false
        settings.uniformNegatives = 0
        let problems = settings.problems().joined(separator: "\n")
        #expect(problems.contains("comirec_sa, features, gated, mind, pooled, sasrec"))
        #expect(problems.contains("retrieval.heads"))
        #expect(problems.contains("retrieval.uniform_negatives"))
    }
}
