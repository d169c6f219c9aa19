import CascadeCore
import CascadeIndex
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

/// Items of the delta are embedded with their content vectors, as those of the release are.
@Suite struct DeltaVectorTests {
    private func embedding(of id: ItemID, _ builder: inout DeltaBuilder) throws -> [Float] {
        let delta = try builder.delta()
        let row = try #require(delta.rows[id])
        return try builder.loaded.bundle.retrieval.itemVectors(rows: Int(row)..<(Int(row) + 1), later: delta.later)
    }

    @Test func aNewItemIsEmbeddedByItsContent() throws {
        let fixture = try ServingFixture(hasVectors: true)
        let id = ItemID("new")
        func embed(_ vectors: [ItemVector], version: String?) throws -> [Float] {
            var builder = DeltaBuilder(fixture.loaded, limit: 10)
            builder.take(.put(Item(id: id, vectorsVersion: version)))
            #expect(builder.lacksVectors == (version == nil ? [] : [id]))
            builder.take(vectors)
            let made = try embedding(of: id, &builder)
            #expect(builder.lacksVectors.isEmpty)
            return made
        }
        let bare = try embed([], version: nil)
        let shown = try embed([ServingFixture.image(id, 3)], version: "image:1")
        #expect(bare != shown)
        #expect(try embed([ServingFixture.image(id, 3)], version: "image:1 text:2") == shown)
        // A vector that is gone by the time it is asked for, or of another width, is a missing one.
        #expect(try embed([], version: "image:1") == bare)
        #expect(try embed([ItemVector(itemID: id, name: "image", values: [1])], version: "image:1") == bare)
    }

    @Test func onlyVectorsThatTheModelsReadChangeAnItem() throws {
        let fixture = try ServingFixture(hasVectors: true)
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        for item in fixture.items { builder.take(.put(item)) }
        var item = fixture.items[4]
        item.vectorsVersion = "image:4 sound:1"
        builder.take(.put(item))
        #expect(builder.version == 0)
        item.vectorsVersion = "image:5 text:4"
        builder.take(.put(item))
        #expect(builder.lacksVectors == [item.id])
        #expect(try builder.delta().withdrawn == [4: .replaced])
        builder.take(.put(fixture.items[4]))
        #expect(try builder.delta().withdrawn.isEmpty)

        // A release that reads none is not concerned at all.
        let blind = try ServingFixture()
        var other = DeltaBuilder(blind.loaded, limit: 10)
        for number in 0..<60 {
            var item = blind.items[number]
            item.vectorsVersion = "image:\(number)"
            other.take(.put(item))
        }
        #expect(other.version == 0)
        other.take(.put(Item(id: ItemID("new"), vectorsVersion: "image:1")))
        #expect(other.lacksVectors.isEmpty)
        #expect(try other.delta().servedCount == 1)
    }

    /// A delta that forgets retired places keeps the vectors of the others.
    @Test func compactionKeepsVectors() throws {
        let fixture = try ServingFixture(hasVectors: true)
        var builder = DeltaBuilder(fixture.loaded, limit: 10)
        let kept = ItemID("kept")
        builder.take(.put(Item(id: kept, vectorsVersion: "image:1")))
        builder.take([ServingFixture.image(kept, 2)])
        let before = try embedding(of: kept, &builder)
        let busy = ItemID("busy")
        for version in 0..<1100 {
            builder.take(.put(Item(id: busy, title: "\(version)", vectorsVersion: "image:\(version)")))
        }
        builder.take([ServingFixture.image(busy, 5)])
        let delta = try builder.delta()
        #expect(delta.later.items.count == 2)
        #expect(try embedding(of: kept, &builder) == before)
        #expect(try embedding(of: busy, &builder) != before)
    }
}
