import CascadeCore
import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels

/// One choice of the ranker's parts; the others are the defaults.
struct RankerChoice: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (inout RankerSettings) -> Void
    var features: @Sendable (inout FeatureSettings) -> Void = { _ in }

    /// Every member of every family, and every way that interaction and deep networks can stand to each other.
    static let all: [RankerChoice] =
        HistoryEncoders.members.all.keys.sorted().map { name in
            RankerChoice(testDescription: "history \(name)") { $0.history = name }
        }
        + (["none"] + Interactions.members.all.keys.sorted()).flatMap { name in
            RankerStructure.allCases.map { structure in
                RankerChoice(testDescription: "interaction \(name), \(structure.rawValue)") {
                    $0.interaction = name
                    $0.structure = structure
                }
            }
        }
        + NumberMap.allCases.map { map in
            RankerChoice(testDescription: "numbers \(map.rawValue)") { $0.numberMap = map }
        }
        + TowerInputs.allCases.flatMap { towers in
            ["cross", "fm"].map { interaction in
                RankerChoice(testDescription: "towers \(towers.rawValue), interaction \(interaction)") {
                    $0.towers = towers
                    $0.interaction = interaction
                }
            }
        }
        + TableEncoding.allCases.flatMap { encoding in
            [0, 20].map { minimum in
                RankerChoice(
                    testDescription: "tables \(encoding.rawValue), minimum count \(minimum)", apply: { _ in },
                    features: { ($0.tables, $0.minimumCount) = (encoding, minimum) })
            }
        }
        + [
            RankerChoice(
                testDescription: "tables of four rows, three of them summed", apply: { _ in },
                features: { ($0.tables, $0.lookups, $0.hashes) = (.multiHashSum, 4, 3) }),
            RankerChoice(
                testDescription: "widths by the fourth root", apply: { _ in }, features: { $0.widths = .fourthRoot }),
        ]
        + RankerLosses.members.all.keys.sorted().map { name in
            RankerChoice(testDescription: "loss \(name)") { $0.loss = name }
        }
        + [
            RankerChoice(testDescription: "two layers of hstu") {
                $0.history = "hstu"
                $0.historyLayers = 2
            },
            RankerChoice(testDescription: "hiformer of full rank") {
                $0.interaction = "hiformer"
                $0.fieldRank = 0
            },
            RankerChoice(testDescription: "like follows view") { $0.conversions = ["like": "view"] },
            RankerChoice(testDescription: "what is only of training") {
                $0.teachers = 2
                $0.corruption = 0.1
                $0.debiasPosition = true
            },
        ]
        + DeepNetworks.members.all.keys.sorted().flatMap { name in
            NormalizationKind.allCases.map { kind in
                RankerChoice(testDescription: "deep \(name), normalization \(kind.rawValue)") {
                    $0.deepForm = name
                    $0.normalization = kind
                }
            }
        }
        + TaskNetworks.members.all.keys.sorted().flatMap { name in
            [[], [6]].map { tower in
                RankerChoice(testDescription: "tasks \(name), tower \(tower)") {
                    $0.tasks = name
                    $0.tower = tower
                    $0.structure = .parallel
                }
            }
        }
}

/// What every member of the ranker's families keeps.
@Suite struct RankerMemberTests {
    @Test(arguments: RankerChoice.all) func servingEqualsTheTrainingForwardPass(choice: RankerChoice) throws {
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle()
        for user in [0, 19] {
            let items = (0..<30).map { Int32(($0 * 7) % 30) }
            let served = try fixture.served(bundle, user: user, items: items)
            let trained = try fixture.whole(user: user, items: items)
            #expect(served.count == items.count * fixture.map.heads.count)
            #expect(Set(served).count >= items.count, "scores differ")
            for (left, right) in zip(served, trained) { #expect(abs(left - right) < 1e-4, "user \(user)") }
        }
    }

    @Test(arguments: RankerChoice.all) func aScoreDependsOnNoOtherRow(choice: RankerChoice) throws {
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle()
        let alone = try fixture.served(bundle, user: 3, items: [12])
        let many = try fixture.served(bundle, user: 3, items: (0..<150).map { Int32($0 % 30) })
        for (head, value) in alone.enumerated() {
            for copy in stride(from: 12, to: 150, by: 30) {
                #expect(abs(many[copy * alone.count + head] - value) < 1e-6)
            }
        }
    }

    @Test(arguments: RankerChoice.all) func anEmptyPastIsScored(choice: RankerChoice) throws {
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([User(id: UserID("stranger"))])
        let values = try EncodedHistory([], bundle: bundle).lend { slice in
            try ranker.probabilities(
                context: try ranker.context(users: users, row: 0, history: slice, at: ModelFixture.moment),
                items: [0, 1],
                columns: fixture.map.counterLayout.columns,
                counters: {
                    bundle.counters.write(history: slice, item: $0, fold: nil, at: ModelFixture.moment, into: $1)
                },
                check: {})
        }
        #expect(values.count == 2 * fixture.map.heads.count)
        #expect(values.allSatisfy { $0.isFinite && $0 > 0 && $0 < 1 })
    }

    /// What an encoder of the past reads: which items it holds, and what was done with them.
    @Test(arguments: HistoryEncoders.members.all.keys.sorted()) func thePastTells(history: String) throws {
        let fixture = try ModelFixture(ranker: { $0.history = history })
        let bundle = try fixture.bundle()
        let ranker = try #require(bundle.ranker)
        let users = bundle.rankerUsers.encode([fixture.rows.users[0]])
        func score(_ items: [Int32], _ codes: [UInt8]) throws -> Float {
            try HistorySlice.lend(items: items, codes: codes) { slice in
                try ranker.probabilities(
                    context: try ranker.context(users: users, row: 0, history: slice, at: ModelFixture.moment),
                    items: [5],
                    columns: fixture.map.counterLayout.columns, counters: { _, _ in }, check: {})[0]
            }
        }
        let past = try score([1, 2, 3], [1, 0, 1])
        #expect(abs(past - (try score([1, 2, 8], [1, 0, 1]))) > 1e-7, "another item")
        #expect(abs(past - (try score([1, 2, 3], [1, 0, 0]))) > 1e-7, "another feedback")
        #expect(abs(past - (try score([], []))) > 1e-7, "no past")
    }

    @Test func structuresWithoutDeepNetworksHaveNoneOfTheirWeights() throws {
        let fixture = try ModelFixture(ranker: { $0.structure = .interactionOnly })
        let names = try fixture.ranker().store.parameters.map(\.name)
        #expect(names.contains { $0.hasPrefix("ranker.cross.") })
        #expect(!names.contains { $0.hasPrefix("ranker.deep.0") })
    }

    /// The probability of a head that follows another is never above that one's.
    @Test func whatFollowsIsLessLikely() throws {
        let fixture = try ModelFixture(ranker: { $0.conversions = ["like": "view"] })
        let heads = fixture.map.heads
        let view = try #require(heads.firstIndex(of: "view"))
        let like = try #require(heads.firstIndex(of: "like"))
        let served = try fixture.served(try fixture.bundle(), user: 1, items: [0, 3, 9, 20])
        for row in stride(from: 0, to: served.count, by: heads.count) {
            #expect(served[row + like] < served[row + view])
        }
    }

    @Test(arguments: [["like": "purchase"], ["like": "view", "view": "like"], ["view": "view"]])
    func headsThatCannotFollowAreRefused(conversions: [String: String]) throws {
        let fixture = try ModelFixture()
        var settings = fixture.settings.ranker
        settings.conversions = conversions
        #expect(throws: ModelError.self) {
            try RankingModel(settings: settings, map: fixture.map, store: ParameterStore())
        }
    }

    /// One target gives one score for all heads.
    @Test func aJointTargetGivesAllHeadsTheSame() throws {
        let fixture = try ModelFixture(ranker: { $0.loss = "weighted_target" })
        let served = try fixture.served(try fixture.bundle(), user: 1, items: [0, 3])
        for row in stride(from: 0, to: served.count, by: fixture.map.heads.count) {
            #expect(Set(served[row..<(row + fixture.map.heads.count)]).count == 1)
        }
    }

    @Test func unknownMembersNameTheKnownOnes() throws {
        let fixture = try ModelFixture()
        var settings = RankerSettings()
        settings.history = "magic"
        #expect(throws: ModelError.self) {
            try RankingModel(settings: settings, map: fixture.map, store: ParameterStore())
        }
        #expect(
            settings.problems() == [
                "ranker.history: there is no 'magic'; known are attention, bst, din, hstu, mean, transact"
            ])
    }
}
