import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation
import Testing

@Suite struct RankerTests {
    @Test(arguments: [0, 8, 64]) func servingEqualsTheTrainingForwardPass(rank: Int) throws {
        let fixture = try ModelFixture(ranker: { $0.crossRank = rank })
        let bundle = try fixture.bundle()
        for user in [0, 7, 19] {
            let items = (0..<30).map { Int32(($0 * 7) % 30) }
            let served = try fixture.served(bundle, user: user, items: items)
            let trained = try fixture.whole(user: user, items: items)
            #expect(served.count == items.count * fixture.map.heads.count)
            for (left, right) in zip(served, trained) {
                #expect(abs(left - right) < 1e-4, "rank \(rank), user \(user)")
            }
        }
    }

    @Test func aScoreDoesNotDependOnBatchMates() throws {
        let fixture = try ModelFixture()
        let bundle = try fixture.bundle()
        let alone = try fixture.served(bundle, user: 3, items: [12])
        let many = try fixture.served(bundle, user: 3, items: (0..<300).map { Int32($0 % 30) })
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
            let context = try ranker.context(users: users, row: 0, history: slice, at: ModelFixture.moment)
            return try ranker.probabilities(
                context: context, items: [0, 1], columns: fixture.map.counterLayout.columns,
                counters: {
                    bundle.counters.write(history: slice, item: $0, fold: nil, at: ModelFixture.moment, into: $1)
                }, check: {})
        }
        #expect(values.allSatisfy { $0.isFinite && $0 > 0 && $0 < 1 })
    }

    /// Data of events alone has neither attributes of users nor, often, anything but identifiers of items.
    @Test func usersWithoutFeaturesAreScored() throws {
        let fixture = try ModelFixture(definitions: [])
        #expect(fixture.map.ranker.users.single.isEmpty && fixture.map.ranker.users.numeric.isEmpty)
        let bundle = try fixture.bundle()
        let served = try fixture.served(bundle, user: 4, items: [0, 11, 29])
        let trained = try fixture.whole(user: 4, items: [0, 11, 29])
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
                let context = try ranker.context(users: users, row: 0, history: history, at: ModelFixture.moment)
                _ = try ranker.probabilities(
                    context: context, items: [0], columns: fixture.map.counterLayout.columns, counters: { _, _ in },
                    check: { throw CancellationError() })
            }
        }
    }

    @Test func trainingStaysWithFloat32WhereViewsTellItemsApart() {
        var settings = RankerSettings()
        #expect(settings.trainingPrecision == (ProductPrecision.bfloat16IsFaster ? .bfloat16 : .float32))
        settings.corruption = 0.1
        #expect(settings.trainingPrecision == .float32)
        settings.products = .bfloat16
        #expect(settings.trainingPrecision == .bfloat16)
    }

    @Test func settingsAreChecked() {
        var settings = RankerSettings()
        settings.historyHeads = 3
        settings.dropout = 1
        settings.interaction = "magic"
        settings.deep = []
        settings.products = .int8
        let problems = settings.problems().joined(separator: "\n")
        #expect(problems.contains("ranker.history_heads"))
        #expect(
            problems.contains("ranker.interaction: there is no 'magic'; known are autoint, cross, cross_mixture, dlrm"))
        #expect(problems.contains("ranker.dropout"))
        #expect(problems.contains("ranker.deep"))
        #expect(problems.contains("ranker.products is what training multiplies in: auto, float32 or bfloat16"))
        settings.products = .bfloat16x3
        #expect(settings.problems().contains { $0.hasSuffix("float32 or bfloat16; bfloat16x3 is for serving") })
        #expect(RankerSettings().problems().isEmpty)
    }
}
