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
        (["none"] + HistoryEncoders.members.all.keys.sorted()).map { name in
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
        + values

    /// Value heads of both losses, beside everything that heads can stand behind.
    private static let values: [RankerChoice] =
        ValueLossKind.allCases.flatMap { loss in
            ValueTransform.allCases.map { transform in
                RankerChoice(testDescription: "values \(loss.rawValue), \(transform.rawValue)") {
                    $0.values = ["seconds": value(loss) { $0.transform = transform }]
                }
            }
        }
        + TaskNetworks.members.all.keys.sorted().flatMap { name in
            [[], [6]].map { tower in
                RankerChoice(testDescription: "values of tasks \(name), tower \(tower)") {
                    ($0.tasks, $0.tower) = (name, tower)
                    $0.values = ["seconds": value(.histogram), "others": value(.squared)]
                }
            }
        }
        + RankerLosses.members.all.keys.sorted().map { name in
            RankerChoice(testDescription: "values beside loss \(name)") {
                $0.loss = name
                $0.values = ["seconds": value(.histogram) { $0.bins = 8 }]
            }
        }
        + [
            RankerChoice(testDescription: "values without deep networks") {
                $0.structure = .interactionOnly
                $0.values = ["seconds": value(.histogram)]
            },
            RankerChoice(testDescription: "values with what is only of training") {
                $0.teachers = 2
                $0.debiasPosition = true
                $0.conversions = ["like": "view"]
                $0.values = ["seconds": value(.histogram), "others": value(.squared)]
            },
        ]

    private static func value(
        _ loss: ValueLossKind, _ change: (inout ValueHeadSettings) -> Void = { _ in }
    ) -> ValueHeadSettings {
        var settings = ValueHeadSettings(signal: "view")
        settings.loss = loss
        change(&settings)
        return settings
    }
}

/// What every member of the ranker's families keeps.
@Suite struct RankerMemberTests {
    @Test(arguments: RankerChoice.all) func servingEqualsTheTrainingForwardPass(choice: RankerChoice) throws {
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle()
        let kept = try fixture.bundle(itemBytes: 1 << 20)
        for user in [0, 19] {
            let items = (0..<30).map { Int32(($0 * 7) % 30) }
            let served = try fixture.served(bundle, user: user, items: items)
            let fromTable = try fixture.served(kept, user: user, items: items)
            let trained = try fixture.whole(user: user, items: items)
            #expect(served.count == items.count * fixture.map.outputs.count)
            #expect(Set(served).count >= items.count, "scores differ")
            for (left, right) in zip(served, trained) { #expect(abs(left - right) < 1e-4, "user \(user)") }
            for (left, right) in zip(fromTable, trained) {
                #expect(abs(left - right) < 1e-4, "user \(user), item parts kept")
            }
        }
    }

    /// What the rows share of their context computed once, of more rows than are scored at a time.
    @Test(arguments: RankerChoice.all, ProductPrecision.allCases)
    func sharingEqualsTheTrainingForwardPass(choice: RankerChoice, products: ProductPrecision) throws {
        // Some ten products of numbers of eight bits follow one another.
        let tolerance: Float =
            switch products {
            case .float32, .bfloat16x3: 1e-4
            case .bfloat16: 0.01
            case .int8: 0.03
            }
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle()
        let (model, store) = try fixture.ranker()
        let sharing = try RankerInference(
            model: model, map: fixture.map, store: store, catalog: fixture.map.ranker.encode(fixture.rows).items,
            retrieval: bundle.retrieval.towers, options: InferenceOptions(products: products), sharingFrom: 0)
        let items = (0..<30).map { Int32($0) }
        for user in [0, 19] {
            let trained = try fixture.whole(user: user, items: items)
            let shared = try fixture.withHistory(of: user) { history in
                let context = try sharing.context(
                    users: bundle.rankerUsers.encode([fixture.rows.users[user]]), row: 0, history: history,
                    at: ModelFixture.moment, tower: try bundle.tower(of: fixture.rows.users[user], history: history))
                defer { #expect(context.products.made != nil) }
                return try sharing.probabilities(
                    context: context, items: (0..<5).flatMap { _ in items }, columns: fixture.map.counterLayout.columns,
                    counters: {
                        bundle.counters.write(history: history, item: $0, fold: nil, at: ModelFixture.moment, into: $1)
                    }, check: {})
            }
            #expect(shared.count == 5 * trained.count)
            for (place, value) in shared.enumerated() {
                #expect(abs(value - trained[place % trained.count]) < tolerance, "user \(user), \(place)")
            }
        }
    }

    @Test(arguments: RankerChoice.all, ProductPrecision.allCases)
    func aScoreDependsOnNoOtherRow(choice: RankerChoice, products: ProductPrecision) throws {
        let fixture = try ModelFixture(ranker: choice.apply, features: choice.features)
        let bundle = try fixture.bundle(products: products)
        let alone = try fixture.served(bundle, user: 3, items: [12])
        let many = try fixture.served(bundle, user: 3, items: (0..<150).map { Int32($0 % 30) })
        for (head, value) in alone.enumerated() {
            for copy in stride(from: 12, to: 150, by: 30) {
                // Products of float32 are summed in another order where many rows share their context, and OpenBLAS, which
                // makes those of fields' maps in every precision, in one that depends on the number of rows.
                let other = many[copy * alone.count + head]
                let inexact: [String] =
                    switch products {
                    case .float32: []
                    case .bfloat16x3: ["autoint", "hiformer"]
                    case .bfloat16: []
                    case .int8: ["hiformer"]
                    }
                let isExact = products != .float32 && !inexact.contains { choice.testDescription.contains($0) }
                #expect(isExact ? other == value : abs(other - value) < 4e-6, "\(other) of many, \(value) alone")
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
        let columns = fixture.map.outputs.count
        #expect(values.count == 2 * columns)
        #expect(values.allSatisfy { $0.isFinite })
        for (place, value) in values.enumerated() where place % columns < fixture.map.heads.count {
            #expect(value > 0 && value < 1)
        }
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
                "ranker.history: there is no 'magic'; known are attention, bst, din, hstu, mean, none, transact"
            ])
    }
}
