import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline
import Foundation
import Testing

@testable import CascadeServing

@Suite struct SnapshotTests {
    private func user(_ snapshot: ReleaseSnapshot, _ history: [HistoryEntry] = ServingFixture.history) throws
        -> any PreparedUser
    {
        try snapshot.prepare(
            UserState(userID: UserID("u"), user: nil, history: history, now: ServingFixture.time(0)))
    }

    private func retrieve(_ snapshot: ReleaseSnapshot, _ wish: RetrievalWish) throws -> [ScoredRow] {
        try snapshot.retrieve(user(snapshot), wish, cancellation: ComputePool.Cancellation())
    }

    private func ids(_ rows: [ScoredRow], _ snapshot: ReleaseSnapshot) -> [ItemID] {
        rows.map { snapshot.catalog.itemID($0.row) }
    }

    /// Everything that can be retrieved.
    private func all(_ snapshot: ReleaseSnapshot) throws -> [ItemID] {
        ids(try retrieve(snapshot, RetrievalWish(limit: snapshot.catalog.count)), snapshot)
    }

    @Test(arguments: [5, 20, 100]) func aRareCategoryGivesAllThatAreAskedFor(limit: Int) throws {
        let fixture = try ServingFixture(items: 5000)
        let snapshot = try fixture.snapshot()
        let code = try #require(snapshot.catalog.categoryCode("rare"))
        let rows = try retrieve(snapshot, RetrievalWish(limit: limit, categories: [code]))
        #expect(rows.count == min(limit, 20))
        #expect(rows.allSatisfy { snapshot.catalog.categories($0.row).contains(code) })
        // Items that came or changed since count too, excluded ones do not.
        var moved = fixture.items[1]
        moved.categories = ["rare"]
        let later = try fixture.snapshot([
            .put(Item(id: ItemID("new"), categories: ["rare"])), .put(moved), .deleted(fixture.items[0].id),
        ])
        let excluded = try #require(later.catalog.row(of: fixture.items[250].id))
        let more = try retrieve(later, RetrievalWish(limit: limit, excluded: [excluded], categories: [code]))
        #expect(more.count == min(limit, 20))
        #expect(more.allSatisfy { later.catalog.categories($0.row).contains(code) })
        #expect(!ids(more, later).contains(fixture.items[0].id))
        #expect(!more.map(\.row).contains(excluded))
        #expect(try retrieve(later, RetrievalWish(limit: limit, categories: [])).isEmpty)
    }

    /// A row's standing is its place in a search that gives everything, of what came since too.
    @Test func aStandingIsThePlaceAmongAll() throws {
        let fixture = try ServingFixture(items: 300)
        let snapshot = try fixture.snapshot([.put(ServingFixture.item(900)), .deleted(fixture.items[3].id)])
        let user = try user(snapshot)
        let everything = try retrieve(snapshot, RetrievalWish(limit: snapshot.catalog.count))
        #expect(everything.count == 300)
        for (rank, found) in everything.enumerated() {
            let standing = try snapshot.standing(user, of: found.row)
            #expect(standing == RetrievalStanding(score: found.score, rank: rank, count: 300))
        }
        #expect(try snapshot.standing(user, of: 3) == nil)
    }

    /// The clock of a request reaches the ranker where the release reads times, and only there.
    @Test(arguments: [false, true]) func scoresAreOfTheMomentOfTheRequest(times: Bool) throws {
        let snapshot = try ServingFixture(times: times).snapshot([.put(ServingFixture.item(900))])
        let rows = (0..<Int32(snapshot.catalog.count)).map { $0 }
        func scores(_ seconds: Double) throws -> [Float] {
            let user = try snapshot.prepare(
                UserState(
                    userID: UserID("u"), user: nil, history: ServingFixture.history, now: ServingFixture.time(seconds)))
            return try snapshot.score(user, rows: rows, cancellation: ComputePool.Cancellation()).probabilities
        }
        let (now, later) = (try scores(5), try scores(3605))
        #expect(now.allSatisfy { $0.isFinite })
        #expect(try scores(5) == now)
        #expect((now == later) == !times)
        if times { #expect(zip(now, later).allSatisfy { $0 != $1 }) }
    }

    /// The vector that a request is retrieved by is what the ranker is told of the user; items that came since have theirs.
    @Test(arguments: [TowerInputs.product, .vectors]) func scoresAreToldOfTheTowers(towers: TowerInputs) throws {
        let snapshot = try ServingFixture(ranker: { $0.towers = towers }).snapshot([.put(ServingFixture.item(900))])
        let rows = (0..<Int32(snapshot.catalog.count)).map { $0 }
        let scores = try snapshot.score(try user(snapshot), rows: rows, cancellation: ComputePool.Cancellation())
        let (bundle, later) = (snapshot.loaded.bundle, snapshot.delta.later)
        let ranker = try #require(bundle.ranker)
        let person = User(id: UserID("u"))
        func expected(told: Bool) throws -> [Float] {
            try EncodedHistory(ServingFixture.history, bundle: bundle).lend { history in
                let tower = try bundle.tower(of: person, history: history, later: later)
                let context = try ranker.context(
                    users: bundle.rankerUsers.encode([person]), row: 0, history: history, at: ServingFixture.time(0),
                    later: later, tower: told ? tower : [])
                return try ranker.probabilities(
                    context: context, items: rows, later: later, columns: bundle.map.counterLayout.columns,
                    counters: {
                        later.counters.write(
                            history: history, item: $0, fold: nil, at: ServingFixture.time(0), into: $1)
                    }, check: {})
            }
        }
        #expect(scores.probabilities == (try expected(told: true)))
        #expect(scores.probabilities != (try expected(told: false)))
        #expect(Set(scores.probabilities.map(\.bitPattern)).count > rows.count)
    }

    /// Bit for bit, in float32 too, however many threads a request's rows are shared out to.
    @Test func scoresAreTheSameWithHelp() async throws {
        let snapshot = try ServingFixture(items: 300).snapshot([.put(ServingFixture.item(900))])
        for count in [1, 127, 128, 129, 200, 257, 300, 301] {
            let rows = (0..<Int32(count)).map { ($0 * 7) % Int32(snapshot.catalog.count) }
            let alone = try snapshot.score(user(snapshot), rows: rows, cancellation: ComputePool.Cancellation())
            for threads in 1...3 {
                let pool = ComputePool(threads: threads)
                defer { pool.shutdown() }
                // Anew, since what rows share is kept with the user once enough of them were asked for.
                let prepared = try user(snapshot)
                let helped = try await pool.run { try snapshot.score(prepared, rows: rows, cancellation: $0) }
                #expect(helped == alone, "\(count) rows, \(threads) threads")
            }
        }
    }

    @Test func whatIsHiddenOrExcludedCostsNoPlace() throws {
        let fixture = try ServingFixture(items: 60, hidden: [3, 4])
        let snapshot = try fixture.snapshot()
        #expect(try all(snapshot).count == 58)
        let rows = try retrieve(snapshot, RetrievalWish(limit: 30, excluded: Set(Int32(10)..<38)))
        #expect(rows.count == 30)
        #expect(Set(rows.map(\.row)) == Set(Int32(0)..<60).subtracting([3, 4]).subtracting(Int32(10)..<38))
        #expect(try retrieve(snapshot, RetrievalWish(limit: 30, excluded: Set(Int32(0)..<100))).isEmpty)
    }

    @Test func probabilitiesAreServedCalibrated() throws {
        let fixture = try ServingFixture(items: 60)
        let heads = fixture.loaded.bundle.map.heads
        let line = PlattCalibrator(slope: 0.5, offset: -1)
        let calibration = RankerCalibration(
            heads: heads.enumerated().map {
                RankerCalibration.Head(head: $1, calibrator: $0 == 0 ? line : IdentityCalibrator())
            }, from: "a", until: "b")
        func scores(_ fixture: ServingFixture) throws -> [Float] {
            let snapshot = try fixture.snapshot()
            return try snapshot.score(
                user(snapshot), rows: (0..<60).map(Int32.init), cancellation: ComputePool.Cancellation()
            ).probabilities
        }
        let raw = try scores(fixture)
        let served = try scores(try ServingFixture(fixture, calibration: calibration))
        #expect(served.count == raw.count && raw.count == 60 * heads.count)
        for index in raw.indices {
            let expected = index % heads.count == 0 ? RankerCalibration.probability(raw[index], by: line) : raw[index]
            #expect(served[index] == expected)
        }
        #expect(served != raw)
    }

    /// A release over some items with the rest as changes answers as a release over all of them.
    @Test func itemsThatCameSinceAreServedLikeReleasedOnes() throws {
        let whole = try ServingFixture(items: 60)
        let expected = try whole.snapshot()
        var builder = DeltaBuilder(try part(of: whole, items: 50), limit: 1000)
        for item in whole.items.suffix(10) { builder.take(.put(item)) }
        let loaded = builder.loaded
        let snapshot = ReleaseSnapshot(loaded, release: loaded.release, delta: try builder.delta())
        #expect(snapshot.catalog.count == 60)
        #expect(snapshot.delta.servedCount == 10)
        // The past holds items of both kinds.
        let past = [2, 55, 7, 58].map {
            HistoryEntry(itemID: whole.items[$0].id, at: ServingFixture.time(0), signals: ["view"])
        }
        let (left, right) = (try user(snapshot, past), try user(expected, past))
        #expect(left.historyCount == 4)
        let wish = RetrievalWish(limit: 60)
        let cancellation = ComputePool.Cancellation()
        let found = try snapshot.retrieve(left, wish, cancellation: cancellation)
        let truth = try expected.retrieve(right, wish, cancellation: cancellation)
        #expect(ids(found, snapshot) == ids(truth, expected))
        for (left, right) in zip(found, truth) { #expect(abs(left.score - right.score) < 1e-5) }
        let rows = (0..<60).map(Int32.init)
        #expect(
            try snapshot.score(left, rows: rows, cancellation: cancellation)
                == expected.score(right, rows: rows, cancellation: cancellation))
        #expect(Set(snapshot.popular.map(\.row)) == Set(rows))
        #expect(snapshot.popular.map(\.score) == expected.popular.map(\.score))
        #expect(snapshot.fresh == expected.fresh)
        for row in rows {
            #expect(snapshot.catalog.itemID(row) == expected.catalog.itemID(row))
            #expect(snapshot.catalog.createdAt(row) == expected.catalog.createdAt(row))
            #expect(snapshot.catalog.row(of: expected.catalog.itemID(row)) == row)
        }
    }

    /// The release of the same models over the first items only.
    private func part(of fixture: ServingFixture, items: Int) throws -> LoadedRelease {
        try ServingFixture(fixture.loaded.bundle, items: Array(fixture.items.prefix(items))).loaded
    }

    @Test func aChangedItemHasOneRowTheNewOne() throws {
        let fixture = try ServingFixture()
        var changed = fixture.items[5]
        changed.creatorID = "somebody else"
        changed.categories = ["new category"]
        let snapshot = try fixture.snapshot([.put(changed)])
        let catalog = snapshot.catalog
        #expect(catalog.count == 61)
        #expect(catalog.row(of: changed.id) == 60)
        #expect(catalog.itemID(60) == changed.id && catalog.itemID(5) == changed.id)
        #expect(catalog.isReplaced(5) && !catalog.isReplaced(60))
        #expect(!catalog.isDeleted(5) && !catalog.isHidden(5))
        #expect(Array(catalog.categories(60)) == [try #require(catalog.categoryCode("new category"))])
        #expect(catalog.creator(60) != catalog.creator(5))
        let found = try retrieve(snapshot, RetrievalWish(limit: 61)).map(\.row)
        #expect(found.count == 60)
        #expect(found.contains(60) && !found.contains(5))
        #expect(snapshot.popular.count { catalog.itemID($0.row) == changed.id } == 1)
        #expect(snapshot.fresh.count { catalog.itemID($0) == changed.id } == 1)
        // It keeps its popularity, and thereby its place.
        let before = try fixture.snapshot().popular.first { $0.row == 5 }
        #expect(snapshot.popular.first { $0.row == 60 }?.score == before?.score)
    }

    @Test func hiddenAndDeletedItemsNeverComeOut() throws {
        let fixture = try ServingFixture()
        var hidden = fixture.items[7]
        hidden.hidden = true
        let new = Item(id: ItemID("new"))
        let snapshot = try fixture.snapshot([
            .put(hidden), .deleted(fixture.items[8].id), .put(new), .deleted(new.id), .deleted(ItemID("unheard of")),
        ])
        #expect(try Set(all(snapshot)) == Set(fixture.items.map(\.id)).subtracting([hidden.id, fixture.items[8].id]))
        #expect(snapshot.catalog.isHidden(7) && !snapshot.catalog.isDeleted(7))
        #expect(snapshot.catalog.isDeleted(8) && !snapshot.catalog.isHidden(8))
        #expect(snapshot.popular.allSatisfy { ![7, 8].contains($0.row) })
        #expect(snapshot.delta.withdrawnCount == 2)
        #expect(snapshot.delta.servedCount == 0)
        // What a user did with them still tells of the user.
        #expect(snapshot.catalog.row(of: hidden.id) == 7)
    }

    @Test func aTunedEffortIsSearchedWith() throws {
        let fixture = try ServingFixture(items: 3000)
        #expect(try fixture.snapshot().searchEffort == 64)
        #expect(try fixture.snapshot(efSearch: 500).searchEffort == 500)
        let exact = try fixture.snapshot(efSearch: 3000)
        let vector = try #require(try? fixture.loaded.index.vector(at: 17))
        let truth = try fixture.loaded.index.exact.search(vector, k: 50)
        #expect(try exact.search(vector, RetrievalWish(limit: 50)).map(\.row) == truth.map(\.row))
    }

    @Test func aUserOfAnotherSnapshotIsRefused() throws {
        let fixture = try ServingFixture()
        let snapshot = try fixture.snapshot()
        let cancellation = ComputePool.Cancellation()
        for other in [try ServingFixture(id: "rel_2").snapshot(), try fixture.snapshot()] {
            let prepared = try user(other)
            #expect(throws: ServingError.foreignPreparedUser) {
                try snapshot.retrieve(prepared, RetrievalWish(limit: 1), cancellation: cancellation)
            }
            #expect(throws: ServingError.foreignPreparedUser) {
                try snapshot.score(prepared, rows: [0], cancellation: cancellation)
            }
        }
    }
}
