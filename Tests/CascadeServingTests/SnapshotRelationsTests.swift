import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

@Suite struct SnapshotRelationsTests {
    private let cancellation = ComputePool.Cancellation()

    @Test func aChangedItemStandsInListsByItsPresentRow() throws {
        let fixture = try ServingFixture()
        var changed = fixture.items[6]
        changed.categories = ["other"]
        let relations = try fixture.snapshot([.put(changed)]).relations
        #expect(relations.together(with: 5).map(\.row) == [60, 7, 8])
        #expect(relations.together(with: 60).map(\.row) == [7, 8, 9])
    }

    @Test func anItemThatCameSinceHasNearOnesAndIsOne() throws {
        let fixture = try ServingFixture()
        let new = ServingFixture.item(200)
        let snapshot = try fixture.snapshot([.put(new), .deleted(fixture.items[3].id)])
        let row = try #require(snapshot.catalog.row(of: new.id))
        #expect(row == 60)
        let near = try snapshot.relations.nearest(to: row, RetrievalWish(limit: 61), cancellation: cancellation).map(
            \.row)
        #expect(Set(near) == Set((0..<60).filter { $0 != 3 }.map(Int32.init)))
        let others = try snapshot.relations.nearest(to: 9, RetrievalWish(limit: 61), cancellation: cancellation).map(
            \.row)
        #expect(others.contains(60) && !others.contains(9) && !others.contains(3))
        #expect(snapshot.relations.together(with: row).isEmpty)
        #expect(try snapshot.relations.nearest(to: 1000, RetrievalWish(limit: 5), cancellation: cancellation).isEmpty)
    }

    /// A narrow category costs one search and gives all it has.
    @Test func ofARareCategoryAllAreFound() throws {
        let fixture = try ServingFixture(items: 1000)
        let snapshot = try fixture.snapshot()
        let rare = try #require(snapshot.catalog.categoryCode("rare"))
        let found = try snapshot.relations.nearest(
            to: 250, RetrievalWish(limit: 50, categories: [rare]), cancellation: cancellation)
        #expect(Set(found.map(\.row)) == [0, 500, 750])
    }

    /// Steps of items that training never met tell a model of rows nothing, and make no stranger a known user.
    @Test func stepsOfItemsThatCameSinceAreNoHistory() throws {
        let fixture = try ServingFixture()
        let new = (0..<3).map { ServingFixture.item(500 + $0) }
        let snapshot = try fixture.snapshot(new.map { .put($0) })
        func prepared(_ items: [ItemID]) throws -> any PreparedUser {
            let history = items.map { HistoryEntry(itemID: $0, at: ServingFixture.time(0), signals: ["view"]) }
            return try snapshot.prepare(
                UserState(userID: nil, user: nil, history: history, now: ServingFixture.time(0)))
        }
        let wish = RetrievalWish(limit: 20)
        let nothing = try prepared([])
        let later = try prepared(new.map(\.id))
        #expect(later.historyCount == 0)
        #expect(
            try snapshot.retrieve(later, wish, cancellation: cancellation)
                == snapshot.retrieve(nothing, wish, cancellation: cancellation))
        let known = fixture.items.first { fixture.loaded.bundle.counterSet.knows($0) }
        let mixed = try prepared([try #require(known).id, new[0].id])
        #expect(mixed.historyCount == 1)
    }

    @Test func newItemsOfACreatorComeFirst() throws {
        let fixture = try ServingFixture()
        let creator = try #require(fixture.items[4].creatorID)
        var new = ServingFixture.item(300)
        new.creatorID = creator
        var moved = fixture.items[4]
        moved.creatorID = "another"
        let before = try fixture.snapshot().relations.newest(by: creator, limit: 100)
        let after = try fixture.snapshot([.put(new), .put(moved)]).relations.newest(by: creator, limit: 100)
        #expect(after == [60] + before.filter { $0 != 4 })
        #expect(try fixture.snapshot([.put(new), .put(moved)]).relations.newest(by: "another", limit: 100) == [61])
    }
}
