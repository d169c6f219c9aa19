import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation
import Testing

@Suite struct RankerTests {
    private func probabilities(_ fixture: ModelFixture, _ bundle: ModelBundle, user: Int, items: [Int32]) throws
        -> [Float]
    {
        try fixture.withHistory(of: user) { history in
            let ranker = try #require(bundle.ranker)
            let users = bundle.rankerUsers.encode([fixture.rows.users[user]])
            let context = try ranker.context(users: users, row: 0, history: history)
            return try ranker.probabilities(
                context: context, items: items, columns: fixture.map.counterLayout.columns,
                counters: { bundle.counters.write(history: history, item: $0, fold: nil, into: $1) }, check: {})
        }
    }

    /// The plan of training, with one context a row, on the same inputs: what serving's split parts must equal.
    private func whole(_ fixture: ModelFixture, user: Int, items: [Int32]) throws -> [Float] {
        let (model, store) = try fixture.ranker()
        let plan = Plan(store: store, mode: .inference)
        let itemPart = model.recordItems(plan, capacity: 30)
        let contexts = model.recordContexts(plan, items: itemPart, capacity: items.count)
        let rows = model.recordRows(plan, contexts: contexts, items: itemPart, capacity: items.count)
        plan.keep(rows.logits)
        try plan.seal()
        let (users, catalog) = fixture.map.ranker.encode(fixture.rows)
        let assembler = BatchAssembler(map: fixture.map, space: fixture.map.ranker, items: catalog)
        fixture.withHistory(of: user) { history in
            var numbers = [Float](repeating: 0, count: fixture.map.counterLayout.columns)
            for item in items {
                let context = assembler.addContext(users: users, row: user, history: history)
                numbers.withUnsafeMutableBufferPointer { buffer in
                    fixture.counters.write(history: history, item: item, fold: nil, into: buffer.baseAddress!)
                    assembler.addRow(context: context, item: item, counters: buffer.baseAddress!)
                }
            }
        }
        try itemPart.inputs.load(assembler.batch.items, into: plan)
        try contexts.load(assembler.batch, into: plan)
        try rows.load(assembler.batch, into: plan)
        try plan.forward()
        return plan.values(of: rows.logits).map { 1 / (1 + expf(-$0)) }
    }

    @Test(arguments: [0, 8, 64]) func servingEqualsTheTrainingForwardPass(rank: Int) throws {
        let fixture = try ModelFixture(ranker: { $0.crossRank = rank })
        let bundle = try fixture.bundle()
        for user in [0, 7, 19] {
            let items = (0..<30).map { Int32(($0 * 7) % 30) }
            let served = try probabilities(fixture, bundle, user: user, items: items)
            let trained = try whole(fixture, user: user, items: items)
            #expect(served.count == items.count * fixture.map.heads.count)
            for (left, right) in zip(served, trained) {
                #expect(abs(left - right) < 1e-4, "rank \(rank), user \(user)")
            }
        }
    }

    @Test func aScoreDoesNotDependOnBatchMates() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let alone = try probabilities(fixture, bundle, user: 3, items: [12])
        let many = try probabilities(fixture, bundle, user: 3, items: (0..<300).map { Int32($0 % 30) })
        let heads = fixture.map.heads.count
        for copy in stride(from: 12, to: 300, by: 30) {
            for head in 0..<heads { #expect(abs(many[copy * heads + head] - alone[head]) < 1e-6) }
        }
    }

    @Test func anEmptyPastAndAnUnknownUserAreScored() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([User(id: UserID("stranger"))])
        let history = EncodedHistory([], bundle: bundle)
        let values = try history.lend { slice in
            let context = try ranker.context(users: users, row: 0, history: slice)
            return try ranker.probabilities(
                context: context, items: [0, 1], columns: fixture.map.counterLayout.columns,
                counters: { bundle.counters.write(history: slice, item: $0, fold: nil, into: $1) }, check: {})
        }
        #expect(values.allSatisfy { $0.isFinite && $0 > 0 && $0 < 1 })
    }

    /// Data of events alone has neither attributes of users nor, often, anything but identifiers of items.
    @Test func usersWithoutFeaturesAreScored() throws {
        let fixture = try ModelFixture(definitions: [])
        #expect(fixture.map.ranker.users.single.isEmpty && fixture.map.ranker.users.numeric.isEmpty)
        let bundle = try fixture.bundle()
        let served = try probabilities(fixture, bundle, user: 4, items: [0, 11, 29])
        let trained = try whole(fixture, user: 4, items: [0, 11, 29])
        #expect(served.allSatisfy { $0 > 0 && $0 < 1 })
        for (left, right) in zip(served, trained) { #expect(abs(left - right) < 1e-4) }
    }

    @Test func aCheckThatThrowsGivesUp() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([fixture.rows.users[0]])
        #expect(throws: CancellationError.self) {
            try fixture.withHistory(of: 0) { history in
                let context = try ranker.context(users: users, row: 0, history: history)
                _ = try ranker.probabilities(
                    context: context, items: [0], columns: fixture.map.counterLayout.columns, counters: { _, _ in },
                    check: { throw CancellationError() })
            }
        }
    }

    @Test func settingsAreChecked() {
        var settings = RankerSettings()
        settings.historyHeads = 3
        settings.dropout = 1
        settings.deep = []
        let problems = settings.problems().joined(separator: "\n")
        #expect(problems.contains("ranker.history_heads"))
        #expect(problems.contains("ranker.dropout"))
        #expect(problems.contains("ranker.deep"))
        #expect(RankerSettings().problems().isEmpty)
    }

    @Test func unknownModelsNameTheKnownOnes() throws {
        let fixture = try ModelFixture()
        var settings = RankerSettings()
        settings.model = "magic"
        #expect(throws: ModelError.unknownModel(name: "magic", known: ["dcn"])) {
            try RankingModels.make(settings: settings, map: fixture.map, store: ParameterStore())
        }
    }
}
