import CascadeCore
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
        let near = try snapshot.relations.nearest(to: row, limit: 61, cancellation: cancellation).map(\.row)
        #expect(Set(near) == Set((0..<60).filter { $0 != 3 }.map(Int32.init)))
        let others = try snapshot.relations.nearest(to: 9, limit: 61, cancellation: cancellation).map(\.row)
        #expect(others.contains(60) && !others.contains(9) && !others.contains(3))
        #expect(snapshot.relations.together(with: row).isEmpty)
        #expect(try snapshot.relations.nearest(to: 1000, limit: 5, cancellation: cancellation).isEmpty)
    }

    @Test func newItemsOfACreatorComeFirst() throws {
        let fixture = try ServingFixture()
        let creator = try #require(fixture.items[4].creatorID)
        var new = ServingFixture.item(300)
        new.creatorID = creator
        var moved = fixture.items[4]
        moved.creatorID = "another"
        let before = Array(try fixture.snapshot().relations.newest(by: creator))
        let after = Array(try fixture.snapshot([.put(new), .put(moved)]).relations.newest(by: creator))
        #expect(after == [60] + before.filter { $0 != 4 })
        #expect(Array(try fixture.snapshot([.put(new), .put(moved)]).relations.newest(by: "another")) == [61])
    }
}
