import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import Logging
import Synchronization
import Testing

@testable import CascadeServing

/// Keeps the messages of a logger.
private struct MemoryLog: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func append(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.append("\(event.message)") }
}

@Suite struct CatalogFollowerTests {
    private let store = MemoryChanges()
    private let lines = MemoryLog.Lines()
    private let pool = ComputePool(threads: 1)

    private func follower(limit: Int = 10) -> CatalogFollower {
        CatalogFollower(
            store: store, limit: limit, pool: pool,
            logger: Logger(label: "test", factory: { [lines] _ in MemoryLog(lines: lines) }))
    }

    private func item(_ name: String) -> CatalogChange { .put(Item(id: ItemID(name))) }

    @Test func theDeltaKeepsUpWithTheCatalog() async throws {
        let fixture = try ServingFixture()
        for item in fixture.items { store.write(.put(item)) }
        store.write(item("a"))
        let follower = follower()
        #expect(try await follower.begin(fixture.loaded).rows.keys.map(\.rawValue) == ["a"])
        #expect(await follower.advance() == nil)
        store.write(item("b"))
        #expect(await follower.advance()?.servedCount == 2)
        #expect(await follower.advance() == nil)
        store.write(.deleted(ItemID("a")))
        #expect(await follower.advance()?.rows.keys.map(\.rawValue) == ["b"])
        #expect(store.reads == [nil, 61, 61, 62, 62])
        // Another release begins anew.
        let second = try ServingFixture(
            fixture.loaded.bundle, items: fixture.items + [Item(id: ItemID("b"))], id: "rel_2")
        #expect(try await follower.begin(second.loaded).servedCount == 0)
        #expect(lines.all.isEmpty)
    }

    @Test func newItemsComeWithTheirVectors() async throws {
        let fixture = try ServingFixture(hasVectors: true)
        for item in fixture.items { store.write(.put(item)) }
        let follower = follower()
        #expect(try await follower.begin(fixture.loaded).servedCount == 0)
        #expect(store.asked.isEmpty)
        var new = Item(id: ItemID("new"), vectorsVersion: "image:1")
        store.write(.put(new))
        store.write(item("plain"))
        store.write(ServingFixture.image(new.id, 3))
        store.write(ItemVector(itemID: new.id, name: "text", values: [1]))
        var delta = try #require(await follower.advance())
        #expect(store.asked == [new.id])
        var place = try #require(delta.rows[new.id]) - Int32(fixture.items.count)
        #expect(delta.later.vectors.vectors(ofRow: Int(place), id: new.id) == [ServingFixture.image(new.id, 3)])
        // Another vector is another item.
        new.vectorsVersion = "image:2"
        store.write(.put(new))
        delta = try #require(await follower.advance())
        #expect(delta.servedCount == 2)
        place = try #require(delta.rows[new.id]) - Int32(fixture.items.count)
        #expect(place == 2)
        #expect(store.asked == [new.id, new.id])
    }

    /// Whoever deletes a kind of vectors changes every item: none of them is one that shows nothing.
    @Test(arguments: [[], [VectorDefinition(name: "image", width: 2)]]) func aLostKindLeavesItemsAsTheyAre(
        left: [VectorDefinition]
    ) async throws {
        let fixture = try ServingFixture(hasVectors: true)
        for item in fixture.items { store.write(.put(item)) }
        var new = Item(id: ItemID("new"), vectorsVersion: "image:n")
        let image = ServingFixture.image(new.id, 3)
        store.write(.put(new))
        store.write(image)
        let follower = follower(limit: 5)
        func vectors(_ id: ItemID, _ delta: CatalogDelta) throws -> [ItemVector] {
            let place = Int(try #require(delta.rows[id])) - fixture.items.count
            return delta.later.vectors.vectors(ofRow: place, id: id)
        }
        var delta = try await follower.begin(fixture.loaded)
        #expect(delta.servedCount == 1 && delta.withdrawn.isEmpty)

        store.declare(left)
        store.removeVectors()
        let version: String? = left.isEmpty ? nil : "image:other"
        for item in fixture.items + [new] {
            var bare = item
            bare.vectorsVersion = version
            store.write(.put(bare))
        }
        #expect(await follower.advance() == nil)
        #expect(lines.all.count == 1 && lines.all[0].contains("cascade train"))
        #expect(await follower.advance() == nil)
        #expect(lines.all.count == 1)

        // What changes otherwise keeps what it showed, in the delta and in the release.
        var changed = fixture.items[7]
        (changed.title, changed.vectorsVersion) = ("changed", version)
        (new.title, new.vectorsVersion) = ("changed", version)
        store.write(.put(changed))
        store.write(.put(new))
        delta = try #require(await follower.advance())
        #expect(delta.withdrawn == [7: .replaced])
        #expect(try vectors(new.id, delta) == [image])
        #expect(try vectors(changed.id, delta) == [ServingFixture.image(changed.id, 7)])

        // The kind comes back, with another vector for one item.
        store.declare([VectorDefinition(name: "image", width: 3)])
        for item in fixture.items { store.write(.put(item)) }
        new.vectorsVersion = "image:m"
        store.write(.put(new))
        store.write(ServingFixture.image(new.id, 5))
        delta = try #require(await follower.advance())
        #expect(delta.withdrawn.isEmpty && delta.servedCount == 1)
        #expect(try vectors(new.id, delta) == [ServingFixture.image(new.id, 5)])
        #expect(lines.all.count == 1)
    }

    @Test func nothingIsFollowedBeforeTheFirstRelease() async {
        store.write(item("a"))
        #expect(await follower().advance() == nil)
        #expect(store.reads.isEmpty)
    }

    @Test func aDatabaseThatIsAwayIsMadeUpFor() async throws {
        let fixture = try ServingFixture()
        store.fail(true)
        store.write(item("a"))
        let follower = follower()
        #expect(try await follower.begin(fixture.loaded).servedCount == 0)
        #expect(await follower.advance() == nil)
        #expect(lines.all == ["changes of the catalog cannot be followed"])
        store.fail(false)
        #expect(await follower.advance()?.servedCount == 1)
        #expect(store.reads == [nil, nil, nil])
        store.fail(true)
        store.write(item("b"))
        #expect(await follower.advance() == nil)
        #expect(lines.all.count == 2)
        store.fail(false)
        #expect(await follower.advance()?.servedCount == 2)
    }

    @Test func aFullDeltaSaysSoOnceAndFillsUpWhenThereIsRoom() async throws {
        let fixture = try ServingFixture()
        let follower = follower(limit: 2)
        _ = try await follower.begin(fixture.loaded)
        for name in ["a", "b", "c"] { store.write(item(name)) }
        #expect(await follower.advance()?.servedCount == 2)
        #expect(await follower.advance() == nil)
        #expect(lines.all.count == 1)
        #expect(lines.all[0].contains("cascade index rebuild"))
        store.write(.deleted(ItemID("a")))
        #expect(await follower.advance()?.servedCount == 1)
        let delta = try #require(await follower.advance())
        #expect(Set(delta.rows.keys.map(\.rawValue)) == ["b", "c"])
        #expect(await follower.advance() == nil)
    }
}

@Suite struct TurnsTests {
    private final class Record: Sendable {
        private let state = Mutex<(running: Int, most: Int, done: Int)>((0, 0, 0))

        var most: Int { state.withLock { $0.most } }
        var done: Int { state.withLock { $0.done } }

        func begin() {
            state.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
        }

        func end() {
            state.withLock {
                $0.running -= 1
                $0.done += 1
            }
        }
    }

    @Test func workIsDoneOneAtATime() async {
        let turns = Turns()
        let record = Record()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await turns.take {
                        record.begin()
                        await Task.yield()
                        record.end()
                    }
                }
            }
        }
        #expect(record.most == 1)
        #expect(record.done == 20)
    }
}
