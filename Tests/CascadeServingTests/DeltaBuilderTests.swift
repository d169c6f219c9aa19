import CascadeCore
import CascadeIndex
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

@Suite struct DeltaBuilderTests {
    private func item(_ name: String, _ title: String? = nil, hidden: Bool = false) -> Item {
        Item(id: ItemID(name), title: title, categories: ["k1"], hidden: hidden)
    }

    /// What is served of a builder's changes, by name and title.
    private func served(_ builder: inout DeltaBuilder) throws -> [String: String?] {
        let delta = try builder.delta()
        let first = Int32(builder.loaded.count)
        return Dictionary(
            uniqueKeysWithValues: delta.rows.map { ($0.key.rawValue, delta.columns.items[Int($0.value - first)].title) }
        )
    }

    @Test func takingAChangeAgainAltersNothing() throws {
        let fixture = try ServingFixture()
        var hidden = fixture.items[1]
        hidden.hidden = true
        let changes: [CatalogChange] = [
            .put(item("new", "t")), .put(hidden), .deleted(fixture.items[2].id), .put(fixture.items[3]),
            .put(item("secret", hidden: true)), .deleted(ItemID("unheard of")),
        ]
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        for change in changes { builder.take(change) }
        #expect(builder.version == 3)
        _ = try builder.delta()
        for change in changes { builder.take(change) }
        #expect(builder.version == 3)
        #expect(try served(&builder) == ["new": "t"])
    }

    @Test func anItemThatIsAsReleasedAgainHasItsOldRow() throws {
        let fixture = try ServingFixture()
        var changed = fixture.items[4]
        changed.title = "changed"
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        builder.take(.put(changed))
        builder.take(.deleted(fixture.items[5].id))
        #expect(try builder.delta().withdrawn == [4: .replaced, 5: .deleted])
        builder.take(.put(fixture.items[4]))
        builder.take(.put(fixture.items[5]))
        let delta = try builder.delta()
        #expect(delta.withdrawn.isEmpty && delta.rows.isEmpty)
        #expect(delta.withdrawal(of: 4) == nil)
        #expect(delta.withdrawal(of: Int32(fixture.items.count)) == .replaced)
    }

    @Test func anItemThatTheReleaseHidIsShownOnceItIs() throws {
        let fixture = try ServingFixture(hidden: [6])
        var shown = fixture.items[6]
        shown.hidden = false
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        builder.take(.put(shown))
        let delta = try builder.delta()
        #expect(delta.rows == [shown.id: Int32(fixture.items.count)])
        #expect(delta.blocked.contains(6))
    }

    @Test func theLastOfSeveralChangesCounts() throws {
        let fixture = try ServingFixture()
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        for title in ["a", "b", "c"] {
            builder.take(.put(item("new", title)))
            #expect(try served(&builder) == ["new": title])
        }
        builder.take(.put(item("new", hidden: true)))
        #expect(try served(&builder).isEmpty)
        builder.take(.put(item("new", "d")))
        #expect(try served(&builder) == ["new": "d"])
    }

    @Test func whenItIsFullTheOldestStay() throws {
        let fixture = try ServingFixture()
        var builder = DeltaBuilder(fixture.loaded, limit: 3)
        var changed = fixture.items[0]
        changed.title = "changed"
        for change in [item("a"), item("b"), item("c"), item("d"), changed] { builder.take(.put(change)) }
        #expect(try Set(served(&builder).keys) == ["a", "b", "c"])
        #expect(builder.waiting == [ItemID("d"), changed.id])
        #expect(!builder.hasRoomAgain)
        // The release's row is served as long as the changed one waits.
        #expect(try builder.delta().withdrawal(of: 0) == nil)
        // Items of the delta may change, and what goes still goes.
        builder.take(.put(item("b", "again")))
        builder.take(.deleted(fixture.items[1].id))
        #expect(try served(&builder)["b"] == "again")
        #expect(try builder.delta().withdrawal(of: 1) == .deleted)
        builder.take(.deleted(ItemID("a")))
        #expect(builder.hasRoomAgain)
        for change in [item("b", "again"), item("c"), item("d"), changed] { builder.take(.put(change)) }
        #expect(try Set(served(&builder).keys) == ["b", "c", "d"])
        #expect(builder.waiting == [changed.id])
        builder.take(.put(item("d", hidden: true)))
        builder.take(.deleted(changed.id))
        #expect(builder.waiting.isEmpty && !builder.hasRoomAgain)
    }

    @Test func nothingIsServedWithoutRoom() throws {
        let fixture = try ServingFixture()
        var builder = DeltaBuilder(fixture.loaded, limit: 0)
        builder.take(.put(item("a")))
        #expect(try served(&builder).isEmpty)
        #expect(!builder.hasRoomAgain)
        #expect(try builder.delta().index == nil)
    }

    /// Places that are no longer served are given up in the end, and nothing is lost by it.
    @Test func manyChangesOfTheSameItemsTakeNoMemory() throws {
        let fixture = try ServingFixture()
        var builder = DeltaBuilder(fixture.loaded, limit: 50)
        for turn in 0..<40 {
            for name in 0..<50 { builder.take(.put(item("n\(name)", "\(turn)"))) }
            let delta = try builder.delta()
            #expect(delta.later.items.count <= 1024 + 150)
            #expect(delta.index?.count == delta.later.items.count)
            #expect(delta.columns.count == delta.later.items.count)
            #expect(delta.retired.universe == delta.later.items.count)
        }
        let titles = try served(&builder)
        #expect(titles.count == 50)
        #expect(titles.values.allSatisfy { $0 == "39" })
    }

    /// Vectors that are not finite, as broken weights would give them, for items titled "wild".
    @Test func anItemWithoutAUsableVectorIsLeftOutAndTold() throws {
        let fixture = try ServingFixture()
        var builder = DeltaBuilder(fixture.loaded, limit: 10) { loaded, rows, later in
            var vectors = try loaded.bundle.retrieval.itemVectors(rows: rows, later: later)
            for (place, row) in rows.enumerated() where later.items[row - loaded.count].title == "wild" {
                vectors[place * 16] = .nan
            }
            return vectors
        }
        var released = fixture.items[4]
        released.title = "wild"
        builder.take(.put(item("new", "wild")))
        builder.take(.put(item("tame")))
        builder.take(.put(released))
        let delta = try builder.delta()
        #expect(Set(builder.unusable.keys) == [ItemID("new"), released.id])
        #expect(Set(delta.rows.keys) == [ItemID("tame")])
        #expect(delta.withdrawal(of: 4) == nil)
        let index = try #require(delta.index)
        for place in 0..<index.count { #expect(try index.vector(at: place).allSatisfy(\.isFinite)) }
        // The same again alters nothing; hidden and shown again, the row of the release is back.
        let version = builder.version
        builder.take(.put(released))
        #expect(builder.version == version)
        var hidden = released
        hidden.hidden = true
        builder.take(.put(hidden))
        #expect(try builder.delta().withdrawal(of: 4) == .hidden)
        builder.take(.put(released))
        #expect(try builder.delta().withdrawal(of: 4) == nil)
    }
}
