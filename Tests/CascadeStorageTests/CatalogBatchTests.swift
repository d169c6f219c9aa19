import CascadeCore
import CascadePostgres
import CascadeStorage
import Synchronization
import Testing

@Suite struct CatalogBatchTests {
    private func vectors(_ storage: Storage) async throws -> [String: [Float]] {
        let found = Mutex<[String: [Float]]>([:])
        try await storage.catalog.itemVectors(["image"], of: nil) { vector in
            found.withLock { $0[vector.itemID.rawValue] = vector.values }
        }
        return found.withLock { $0 }
    }

    private func vector(_ item: String, _ values: [Float]) -> ItemVector {
        ItemVector(itemID: ItemID(item), name: "image", values: values)
    }

    @Test func itemsAreWrittenWholeAndCounted() async throws {
        try await withStorage { storage async throws in
            let same = Item(id: ItemID("same"), title: "t", categories: ["a,b", ""], attributes: ["n": .number(1)])
            let full = Item(id: ItemID("full"), title: "old", attributes: ["n": .number(1)], hidden: true)
            #expect(try await storage.catalog.put([same, full], vectors: []) == AppendResult(inserted: 2))
            let cursor = try await storage.catalog.changes(since: nil) { _ in }
            let bare = Item(id: full.id, attributes: ["new": .text("x")])
            let twice = [Item(id: ItemID("new"), title: "first"), Item(id: ItemID("new"), title: "last")]
            let result = try await storage.catalog.put([bare, twice[0], same, twice[1]], vectors: [])
            #expect(result == AppendResult(inserted: 2, duplicates: 2))
            #expect(try await storage.catalog.items() == [bare, twice[1], same])
            let definitions = try await storage.catalog.attributeDefinitions()
            #expect(definitions.contains(AttributeDefinition(entity: .item, name: "new", kind: .categorical)))
            // What changed nothing is no change to follow.
            let followed = Mutex<Set<String>>([])
            _ = try await storage.catalog.changes(since: cursor) { change in
                if case .put(let item) = change { _ = followed.withLock { $0.insert(item.id.rawValue) } }
            }
            #expect(followed.withLock { $0 } == ["full", "new"])
            #expect(try await storage.catalog.put([Item](), vectors: []) == AppendResult())
        }
    }

    @Test func aVectorThatChangesChangesItsItem() async throws {
        try await withStorage { storage async throws in
            try await storage.importSink.declare(vectors: [VectorDefinition(name: "image", width: 2)])
            let items = ["a", "b", "c"].map { Item(id: ItemID($0)) }
            let first = try await storage.catalog.put(
                items, vectors: [vector("a", [9, 9]), vector("b", [3, 4]), vector("a", [1, 2])])
            #expect(first == AppendResult(inserted: 3))
            #expect(try await vectors(storage) == ["a": [1, 2], "b": [3, 4]])
            let second = try await storage.catalog.put(items, vectors: [vector("a", [1, 2]), vector("c", [5, 6])])
            #expect(second == AppendResult(inserted: 1, duplicates: 2))
            #expect(try await vectors(storage) == ["a": [1, 2], "b": [3, 4], "c": [5, 6]])
            let error = await storageError {
                _ = try await storage.catalog.put([Item(id: ItemID("d"))], vectors: [vector("d", [1])])
            }
            #expect(error != nil)
            #expect(try await storage.catalog.item(ItemID("d")) == nil)
        }
    }

    @Test func usersAreWrittenWholeAndCounted() async throws {
        try await withStorage { storage async throws in
            let users = awkwardIdentifiers.map { User(id: UserID($0), attributes: ["x": .text($0)], createdAt: at(1)) }
            #expect(try await storage.catalog.put(users) == AppendResult(inserted: users.count))
            #expect(try await storage.catalog.put(users) == AppendResult(duplicates: users.count))
            let bare = User(id: users[3].id)
            #expect(try await storage.catalog.put([bare, users[4]]) == AppendResult(inserted: 1, duplicates: 1))
            #expect(try await storage.catalog.user(bare.id) == bare)
            #expect(try await Set(storage.catalog.users()) == Set(users.map { $0.id == bare.id ? bare : $0 }))
        }
    }

    @Test func oneRefusedRowRefusesTheCall() async throws {
        try await withStorage { storage async throws in
            for bad in ["", String(repeating: "x", count: 257)] {
                let rows = [Item(id: ItemID("good")), Item(id: ItemID(bad))]
                guard
                    case .refusedValue = await storageError({
                        _ = try await storage.catalog.put(rows, vectors: [])
                    })
                else {
                    Issue.record("\(bad)")
                    continue
                }
            }
            #expect(try await storage.catalog.items().isEmpty)
        }
    }

    /// More rows than one statement takes, from several writers at once, in opposite orders.
    @Test func writersAtOnceNeitherWaitInACircleNorLoseRows() async throws {
        try await withStorage { storage async throws in
            let ids = (0..<2300).map { "i\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let own = writer % 2 == 0 ? ids : ids.reversed()
                        let items = own.map { Item(id: ItemID($0), title: "\(writer)") }
                        let result = try await storage.catalog.put(items, vectors: [])
                        #expect(result == AppendResult(inserted: 2300))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.catalog.items().count == 2300)
        }
    }
}
