import CascadeCore
import CascadeIndex
import CascadeModels
import CascadePipeline
import Foundation
import Testing

@testable import CascadeServing

/// A catalog in clusters with changes and a wish, drawn from a seed.
private struct InterestWorld {
    let snapshot: ReleaseSnapshot
    let encoder: PlainInterests
    let settings: InterestSettings
    var wish: RetrievalWish

    init(seed: UInt64, _ fixture: ServingFixture) throws {
        var random = SeededRandom(seed: seed)
        let clusters = 3 + random.below(9)
        // Some clusters stay empty, some are far larger than others.
        let assignments = fixture.items.map { _ in Int32(random.below(1 + random.below(clusters))) }
        let weights = (0..<clusters).map { _ in Float(random.uniform() * random.uniform() + 1e-4) }
        encoder = PlainInterests(
            probabilities: weights.map { $0 / weights.reduce(0, +) },
            brokenRows: random.below(3) == 0 ? [fixture.items.count + 1] : [])
        var settings = InterestSettings()
        settings.alpha = [0, 0.5, 1, 2][random.below(4)]
        settings.most = 1 + random.below(6)
        settings.least = 1 + random.below(settings.most)
        settings.clusters = clusters
        settings.exactBelow = [0, 20, 1000][random.below(3)]
        self.settings = settings
        let fixture = try ServingFixture(fixture, interests: encoder.loaded(assignments, settings: settings))
        var changes: [CatalogChange] = []
        for _ in 0..<random.below(30) {
            let number = random.below(fixture.items.count + 20)
            var item = ServingFixture.item(number)
            switch random.below(4) {
            case 0: changes.append(.deleted(item.id))
            case 1:
                item.hidden = true
                changes.append(.put(item))
            default:
                item.title = "changed \(random.below(3))"
                changes.append(.put(item))
            }
        }
        snapshot = try fixture.snapshot(changes)
        let count = snapshot.catalog.count
        wish = RetrievalWish(
            limit: [0, 1, 7, 30, 500][random.below(5)],
            excluded: Set((0..<random.below(60)).map { _ in Int32(random.below(count)) }))
        if random.below(3) == 0 {
            let names = ["k0", "rare", "none"].prefix(1 + random.below(3))
            wish.categories = Set(names.compactMap { snapshot.catalog.categoryCode($0) })
        }
    }

    /// The rows that each cluster may give, nearest to the user first, by looking at each.
    var eligible: [[Int32]] {
        let catalog = snapshot.catalog
        let released = snapshot.loaded.count
        var lists = [[Int32]](repeating: [], count: encoder.probabilities.count)
        for row in 0..<Int32(catalog.count) {
            if catalog.isHidden(row) || catalog.isDeleted(row) || catalog.isReplaced(row) { continue }
            if wish.excluded.contains(row) || encoder.brokenRows.contains(Int(row)) { continue }
            if let categories = wish.categories, !catalog.categories(row).contains(where: categories.contains) {
                continue
            }
            guard let interests = snapshot.loaded.interests else { continue }
            let vector = PlainInterests.unit(seed: UInt64(row), encoder.dimension)
            let cluster =
                Int(row) < released
                ? interests.clusters.assignments[Int(row)] : interests.clusters.cluster(of: vector[...])
            lists[Int(cluster)].append(row)
        }
        return lists.enumerated().map { cluster, rows in
            let user = PlainInterests.unit(seed: 1_000_000 + UInt64(cluster), encoder.dimension)
            func score(_ row: Int32) -> Float {
                zip(user, PlainInterests.unit(seed: UInt64(row), encoder.dimension)).reduce(0) { $0 + $1.0 * $1.1 }
            }
            return rows.map { ($0, score($0)) }.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
        }
    }

    /// The merged list: each place goes to the cluster that has least of what is its due, the best of the `least` likeliest
    /// first.
    func expected(_ lists: [[Int32]]) -> [Int32] {
        let likely = lists.indices.filter { !lists[$0].isEmpty }
            .sorted { (encoder.probabilities[$0], $1) > (encoder.probabilities[$1], $0) }.prefix(settings.most)
        var taken = [Int: Int]()
        var rows: [Int32] = []
        for cluster in likely.prefix(settings.least) where rows.count < wish.limit {
            rows.append(lists[cluster][0])
            taken[cluster] = 1
        }
        func due(_ cluster: Int) -> Double {
            settings.alpha * log(Double(encoder.probabilities[cluster]))
                - log(Double(taken[cluster, default: 0]) + 0.5)
        }
        while rows.count < wish.limit {
            let open = likely.filter { taken[$0, default: 0] < lists[$0].count }
            guard let first = open.first else { break }
            let next = open.reduce(first) { due($1) > due($0) ? $1 : $0 }
            rows.append(lists[next][taken[next, default: 0]])
            taken[next, default: 0] += 1
        }
        return rows
    }
}

@Suite struct SnapshotInterestsTests {
    private static let base = Result { try ServingFixture(items: 400, hidden: [5, 17, 200]) }
    private let cancellation = ComputePool.Cancellation()

    @Test(
        "any wish gets the nearest rows of each interest in proportion, none twice, only what may be given",
        arguments: 0..<120 as Range<UInt64>)
    func anyWish(seed: UInt64) throws {
        let world = try InterestWorld(seed: seed, try Self.base.get())
        let (plan, found) = try world.snapshot.interestRows(world.snapshot.user(), world.wish)
        let lists = world.eligible
        let expected = world.expected(lists)
        #expect(found.map(\.row) == expected, "seed \(seed)")
        #expect(Set(found.map(\.row)).count == found.count)
        #expect(plan.shares.reduce(0) { $0 + $1.quota } == expected.count, "seed \(seed)")
        #expect(plan.shares.count <= world.settings.most)
        #expect(plan.shares.map(\.probability) == plan.shares.map(\.probability).sorted(by: >))
        let scores = found.map(\.place.score)
        #expect(scores == scores.sorted(by: >) && scores.allSatisfy(\.isFinite), "seed \(seed)")
        for (row, place) in found {
            let cluster = Int(plan.shares[place.share].cluster)
            #expect(lists[cluster].firstIndex(of: row) == place.rank, "seed \(seed), row \(row)")
        }
    }

    @Test("every beginning of a full list keeps the proportions", arguments: 0..<20 as Range<UInt64>)
    func proportions(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let weights = (0..<4).map { _ in Float(0.2 + random.uniform()) }
        let probabilities = weights.map { $0 / weights.reduce(0, +) }
        let fixture = try ServingFixture(
            Self.base.get(),
            interests: PlainInterests(probabilities: probabilities).loaded((0..<400).map { Int32($0 % 4) }))
        let snapshot = try fixture.snapshot()
        let (plan, found) = try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 120))
        for length in 1...120 {
            for (index, share) in plan.shares.enumerated() {
                let count = found.prefix(length).count { $0.place.share == index }
                #expect(abs(Float(count) - share.probability * Float(length)) <= 2, "seed \(seed), \(length)")
            }
        }
    }

    @Test func theUserIsEvaluatedOnceAndOnlyWhenAsked() throws {
        let encoder = PlainInterests(probabilities: [0.5, 0.3, 0.15, 0.05])
        var settings = InterestSettings()
        settings.most = 3
        let fixture = try ServingFixture(
            Self.base.get(), interests: encoder.loaded((0..<400).map { Int32($0 % 4) }, settings: settings))
        let snapshot = try fixture.snapshot()
        let user = try snapshot.user()
        _ = try snapshot.retrieve(user, RetrievalWish(limit: 5), cancellation: cancellation)
        #expect(encoder.intents.now == 0)
        let first = try snapshot.interestRows(user, RetrievalWish(limit: 20)).rows.map(\.row)
        let again = try snapshot.interestRows(user, RetrievalWish(limit: 40, excluded: Set(first))).rows.map(\.row)
        #expect(Set(first).isDisjoint(with: again) && again.count == 40)
        #expect(encoder.intents.now == 1)
        #expect(encoder.batches.now == [[0, 1, 2]])
        // An interest that a filter empties makes room for the next; only its vector is new.
        let rest = Set((0..<400).filter { $0 % 4 < 2 }.map { Int32($0) })
        let third = try snapshot.interestRows(user, RetrievalWish(limit: 10, excluded: rest)).plan
        #expect(third.shares.map(\.cluster) == [2, 3])
        #expect(encoder.batches.now == [[0, 1, 2], [3]])
    }

    @Test func anInterestNamesTheItemsOfThePastThatLieInIt() throws {
        let encoder = PlainInterests(probabilities: [0.6, 0.4])
        let loaded = try encoder.loaded((0..<400).map { Int32($0 % 2) }, names: ["even", "odd"])
        let fixture = try ServingFixture(Self.base.get(), interests: loaded)
        let new = ServingFixture.item(900)
        let snapshot = try fixture.snapshot([.put(new)])
        let later = try #require(snapshot.catalog.row(of: new.id))
        let user = try snapshot.user([4, later, 9, 4, 2, 6, 8])
        let shares = try snapshot.interestRows(user, RetrievalWish(limit: 10)).plan.shares
        #expect(shares.map(\.name) == ["even", "odd"])
        let vector = PlainInterests.unit(seed: UInt64(later), 8)
        let isEven = loaded.clusters.cluster(of: vector[...]) == 0
        let even = isEven ? [4, Int(later), 2] : [4, 2, 6]
        let odd = isEven ? [9] : [Int(later), 9]
        #expect(shares.map(\.because) == [even, odd].map { $0.map { snapshot.catalog.itemID(Int32($0)) } })
        // What was only shown says nothing of the user.
        let shown = try snapshot.interestRows(snapshot.user([4, 9], signals: []), RetrievalWish(limit: 10)).plan.shares
        #expect(shown.allSatisfy { $0.because.isEmpty })
    }

    @Test func newItemsGoToTheClusterOfTheirCategory() throws {
        var settings = InterestSettings()
        settings.clusterBy = .category
        let loaded = try PlainInterests(probabilities: [0.5, 0.25, 0.25]).loaded(
            (0..<400).map { Int32($0 % 3) }, settings: settings, names: ["k0", "k1", "k2"])
        let fixture = try ServingFixture(Self.base.get(), interests: loaded)
        let numbers = [900, 901, 902, 903]
        let snapshot = try fixture.snapshot(numbers.map { .put(ServingFixture.item($0)) })
        let everything = try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 1000))
        for number in numbers {
            let row = try #require(snapshot.catalog.row(of: ServingFixture.item(number).id))
            let place = try #require(everything.rows.first { $0.row == row }).place
            #expect(everything.plan.shares[place.share].cluster == Int32(number % 3))
        }
        #expect(everything.rows.count == 400 - 3 + 4)
    }

    @Test func anItemThatTheInterestModelCannotReadIsInNoCluster() throws {
        let encoder = PlainInterests(probabilities: [0.5, 0.5], brokenRows: [401])
        let fixture = try ServingFixture(
            Self.base.get(), interests: encoder.loaded((0..<400).map { Int32($0 % 2) }))
        let snapshot = try fixture.snapshot((900..<903).map { .put(ServingFixture.item($0)) })
        let rows = try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 1000)).rows.map(\.row)
        #expect(rows.contains(400) && !rows.contains(401) && rows.contains(402))
    }

    @Test func aModelThatGivesNoNumbersIsAnErrorWithARemedy() throws {
        let encoder = PlainInterests(probabilities: [.nan, 0.5])
        let fixture = try ServingFixture(
            Self.base.get(), interests: encoder.loaded((0..<400).map { Int32($0 % 2) }))
        let snapshot = try fixture.snapshot()
        #expect(throws: ServingError.unusableIntent) {
            try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 10))
        }
        #expect("\(ServingError.unusableIntent)".contains("train it again"))
        let cancelled = ComputePool.Cancellation()
        cancelled.cancel()
        #expect(throws: CancellationError.self) {
            try snapshot.interests?.plan(for: snapshot.user(), RetrievalWish(limit: 1), cancellation: cancelled)
        }
        let other = try fixture.snapshot()
        #expect(throws: ServingError.foreignPreparedUser) {
            try snapshot.interestRows(other.user(), RetrievalWish(limit: 10))
        }
    }

    @Test func aReleaseWithoutInterestsHasNone() throws {
        let snapshot = try Self.base.get().snapshot()
        #expect(snapshot.interests == nil && snapshot.loaded.interests == nil)
    }

    @Test func interestsOfOtherItemsAreRefused() throws {
        let interests = try PlainInterests(probabilities: [1]).loaded([0, 0, 0])
        #expect(throws: ServingError.self) { try ServingFixture(Self.base.get(), interests: interests) }
    }

    /// A delta that forgets retired places keeps the clusters of the others.
    @Test func compactionKeepsClusters() throws {
        let loaded = try PlainInterests(probabilities: [0.5, 0.5]).loaded((0..<400).map { Int32($0 % 2) })
        let fixture = try ServingFixture(Self.base.get(), interests: loaded)
        let busy = ServingFixture.item(901)
        let changes =
            [CatalogChange.put(ServingFixture.item(900))]
            + (0..<1100).map { version -> CatalogChange in
                var item = busy
                item.title = "\(version)"
                return .put(item)
            }
        let snapshot = try fixture.snapshot(changes)
        #expect(snapshot.delta.later.items.count == 2)
        let rows = try snapshot.interestRows(snapshot.user(), RetrievalWish(limit: 1000)).rows.map(\.row)
        #expect(rows.count == 400 - 3 + 2 && rows.contains(400) && rows.contains(401))
    }

    @Test func figuresTellOfTheClusters() throws {
        var settings = InterestSettings()
        settings.exactBelow = 100
        let assignments = (0..<400).map { Int32($0 < 10 ? 0 : $0 < 60 ? 1 : 3) }
        let loaded = try PlainInterests(probabilities: [0.1, 0.2, 0.3, 0.4]).loaded(assignments, settings: settings)
        let figures = loaded.figures
        #expect((figures.graphs, figures.exact, figures.empty) == (1, 2, 1))
        #expect((figures.smallest, figures.median, figures.largest) == (10, 50, 340))
    }
}
