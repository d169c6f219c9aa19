import CascadeCore
import CascadePostgres
import CascadeStorage
import Synchronization
import Testing

@Suite struct CatalogEditTests {
    private struct Refusal: Error {}

    @Test func aChangeKeepsTheRest() async throws {
        try await withStorage { storage async throws in
            let item = Item(
                id: ItemID("i"), title: "t", creatorID: "c", categories: ["x"], attributes: ["n": .number(1)],
                createdAt: at(5))
            _ = try await storage.catalog.put(item)
            let changed = try await storage.catalog.change(item.id) { item in
                var item = item
                item.hidden = true
                item.attributes["word"] = .text("w")
                return ItemChange(item: item)
            }
            var expected = item
            expected.hidden = true
            expected.attributes["word"] = .text("w")
            #expect(changed == expected)
            #expect(try await storage.catalog.item(item.id) == expected)
            let definitions = try await storage.catalog.attributeDefinitions()
            #expect(definitions.contains(AttributeDefinition(entity: .item, name: "word", kind: .categorical)))
            #expect(try await storage.catalog.change(ItemID("none")) { ItemChange(item: $0) } == nil)
        }
    }

    @Test func vectorsComeAndGo() async throws {
        try await withStorage { storage async throws in
            try await storage.importSink.declare(vectors: ["a", "b"].map { VectorDefinition(name: $0, width: 1) })
            let id = ItemID("i")
            func vector(_ name: String, _ value: Float) -> ItemVector {
                ItemVector(itemID: id, name: name, values: [value])
            }
            _ = try await storage.catalog.put(Item(id: id), vectors: [vector("a", 1)])
            _ = try await storage.catalog.change(id) { [add = vector("b", 2)] in
                ItemChange(item: $0, vectors: [add], removedVectors: ["a"])
            }
            let found = Mutex<[String: Float]>([:])
            try await storage.catalog.itemVectors(["a", "b"], of: nil) { vector in
                found.withLock { $0[vector.name] = vector.values[0] }
            }
            #expect(found.withLock { $0 } == ["b": 2])
            let error = await storageError {
                _ = try await storage.catalog.change(id) {
                    [wide = ItemVector(itemID: id, name: "b", values: [1, 2])] in
                    ItemChange(item: $0, vectors: [wide])
                }
            }
            guard case .refusedValue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func whatThrowsChangesNothing() async throws {
        try await withStorage { storage async throws in
            let user = User(id: UserID("u"), attributes: ["n": .number(1)])
            _ = try await storage.catalog.put(user)
            await #expect(throws: Refusal.self) {
                _ = try await storage.catalog.change(user.id) { _ in throw Refusal() }
            }
            #expect(try await storage.catalog.user(user.id) == user)
            #expect(try await storage.catalog.change(UserID("none")) { _ in throw Refusal() } == nil)
        }
    }

    /// Each adds one to what it finds; a change that another one overwrote would be missing in the end.
    @Test func changesAtOnceFollowOneAnother() async throws {
        try await withStorage { storage async throws in
            let id = UserID("u")
            _ = try await storage.catalog.put(User(id: id))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        _ = try await storage.catalog.change(id) { user in
                            var user = user
                            if case .number(let count)? = user.attributes["count"] {
                                user.attributes["count"] = .number(count + 1)
                            } else {
                                user.attributes["count"] = .number(1)
                            }
                            user.attributes["by \(number % 3)"] = .flag(true)
                            return user
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.catalog.user(id)?.attributes["count"] == .number(30))
        }
    }

    @Test func aDeletedItemIsNotedForThoseWhoFollow() async throws {
        try await withStorage { storage async throws in
            try await storage.importSink.declare(vectors: [VectorDefinition(name: "image", width: 1)])
            let id = ItemID("a/b")
            _ = try await storage.catalog.put(
                Item(id: id), vectors: [ItemVector(itemID: id, name: "image", values: [1])])
            _ = try await storage.catalog.put(Item(id: ItemID("other")))
            let cursor = try await storage.catalog.changes(since: nil) { _ in }
            #expect(try await storage.catalog.delete(id))
            #expect(try await !storage.catalog.delete(id))
            #expect(try await storage.catalog.item(id) == nil)
            #expect(try await storage.catalog.deletedItems() == [id])
            #expect(try await storage.catalog.withdrawn(among: [id]).deleted == [id])
            let followed = Mutex<[CatalogChange]>([])
            _ = try await storage.catalog.changes(since: cursor) { change in followed.withLock { $0.append(change) } }
            #expect(followed.withLock { $0 } == [.deleted(id)])
            let vectors: Int = try await storage.pool.query("SELECT count(*) FROM item_vectors").single().decode(0)
            #expect(vectors == 0)
            _ = try await storage.catalog.put([Item(id: id)], vectors: [])
            #expect(try await storage.catalog.deletedItems().isEmpty)
        }
    }
}
