import CascadeCore
import CascadePostgres
import CascadeStorage
import Synchronization
import Testing

@Suite struct ItemVectorTests {
    private let image = VectorDefinition(name: "image", width: 3)

    private func vector(_ item: String, _ values: [Float], name: String = "image") -> ItemVector {
        ItemVector(itemID: ItemID(item), name: name, values: values)
    }

    private func batch(_ vectors: [ItemVector]) -> ImportBatch {
        var batch = ImportBatch()
        batch.vectors = vectors
        return batch
    }

    private func read(_ storage: Storage, _ names: [String] = ["image"], of items: [ItemID]? = nil) async throws
        -> Set<ItemVector>
    {
        let found = Mutex<Set<ItemVector>>([])
        try await storage.catalog.itemVectors(names, of: items) { vector in _ = found.withLock { $0.insert(vector) } }
        return found.withLock { $0 }
    }

    /// Whether a connection waits for the lock of another.
    private func waits(_ storage: Storage) async throws -> Bool {
        try await !storage.pool.query(
            """
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        ).isEmpty
    }

    private func prepare(_ storage: Storage, _ items: [String] = ["a", "b"]) async throws {
        for item in items { _ = try await storage.catalog.put(Item(id: ItemID(item), title: "t")) }
        try await storage.importSink.declare(vectors: [image])
    }

    @Test func vectorsAreKeptBitByBit() async throws {
        try await withStorage { storage async throws in
            try await prepare(storage, awkwardIdentifiers)
            let written = awkwardIdentifiers.map { vector($0, [Float($0.utf8.count), -0.0, .leastNonzeroMagnitude]) }
            let outcome = try await storage.importSink.write(batch(written))
            #expect(outcome.vectors == AppendResult(inserted: written.count))
            let found = try await read(storage)
            #expect(found == Set(written))
            #expect(found.allSatisfy { $0.values[1].sign == .minus })
            #expect(try await read(storage, of: [ItemID("plain")]) == [written[0]])
            #expect(try await read(storage, of: []).isEmpty)
            #expect(try await read(storage, ["text"]).isEmpty)
            #expect(try await storage.catalog.vectorDefinitions() == [image])
        }
    }

    @Test func aSecondRunAddsNothingAndChangesAreFollowed() async throws {
        try await withStorage { storage async throws in
            try await prepare(storage)
            func changes(since cursor: CatalogCursor?) async throws -> (cursor: CatalogCursor, items: [Item]) {
                let items = Mutex<[Item]>([])
                let next = try await storage.catalog.changes(since: cursor) { change in
                    if case .put(let item) = change { items.withLock { $0.append(item) } }
                }
                return (next, items.withLock { $0 })
            }
            var cursor = try await changes(since: nil).cursor
            let written = batch([vector("a", [1, 2, 3]), vector("nobody", [1, 1, 1])])
            var outcome = try await storage.importSink.write(written)
            #expect(outcome.vectors == AppendResult(inserted: 1) && outcome.vectorsWithoutItem == 1)
            let first = try await changes(since: cursor)
            #expect(first.items.map(\.id) == [ItemID("a")])
            let version = try #require(first.items[0].vectorsVersion)
            cursor = first.cursor
            outcome = try await storage.importSink.write(written)
            #expect(outcome.vectors == AppendResult(duplicates: 1))
            #expect(try await changes(since: cursor).items.isEmpty)

            // The later row of a batch counts.
            outcome = try await storage.importSink.write(batch([vector("a", [1, 2, 3]), vector("a", [1, 2, 4])]))
            #expect(outcome.vectors == AppendResult())
            let second = try await changes(since: cursor)
            #expect(second.items.count == 1 && second.items[0].vectorsVersion != version)
            #expect(try await read(storage) == [vector("a", [1, 2, 4])])
            // What an item is written with otherwise leaves its vectors alone.
            _ = try await storage.catalog.put(Item(id: ItemID("a"), title: "other"))
            #expect(try await storage.catalog.item(ItemID("a"))?.vectorsVersion == second.items[0].vectorsVersion)

            try await storage.pool.execute("UPDATE item_vectors SET vector = '\\x00000000000000000000803f'")
            #expect(try await changes(since: second.cursor).items.map(\.id) == [ItemID("a")])
            #expect(try await read(storage) == [vector("a", [0, 0, 1])])
        }
    }

    @Test func anItemIsPutTogetherWithItsVectors() async throws {
        try await withStorage { storage async throws in
            try await storage.importSink.declare(vectors: [image, VectorDefinition(name: "text", width: 1)])
            let item = Item(id: ItemID("a"), title: "t", attributes: ["new": .number(1)])
            let both = [vector("a", [1, 2, 3]), vector("a", [4], name: "text")]
            #expect(try await storage.catalog.put(item, vectors: both))
            #expect(try await read(storage, ["image", "text"]) == Set(both))
            let version = try await storage.catalog.item(item.id)?.vectorsVersion
            #expect(version != nil)
            #expect(try await !storage.catalog.put(item, vectors: [vector("a", [1, 2, 3])]))
            #expect(try await storage.catalog.item(item.id)?.vectorsVersion == version)
            #expect(try await !storage.catalog.put(item, vectors: [vector("a", [5], name: "text")]))
            #expect(try await read(storage, ["image", "text"]) == [both[0], vector("a", [5], name: "text")])
            // Nothing is written where one of them is refused.
            await #expect(throws: StorageError.self) {
                try await storage.catalog.put(
                    Item(id: ItemID("b")), vectors: [vector("b", [1, 2, 3]), vector("b", [1, 2], name: "text")])
            }
            #expect(try await storage.catalog.item(ItemID("b")) == nil)
        }
    }

    @Test func vectorsGoWithTheirItemsAndTheirKind() async throws {
        try await withStorage { storage async throws in
            try await prepare(storage, ["a", "b", "c"])
            try await storage.importSink.declare(vectors: [VectorDefinition(name: "text", width: 1)])
            _ = try await storage.importSink.write(
                batch(["a", "b", "c"].flatMap { [vector($0, [1, 2, 3]), vector($0, [1], name: "text")] }))
            try await storage.pool.execute("DELETE FROM items WHERE item_id = 'a'")
            #expect(try await read(storage, ["image", "text"]).count == 4)
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            #expect(try await storage.catalog.item(ItemID("a"))?.vectorsVersion == nil)
            let before = try await storage.catalog.item(ItemID("b"))?.vectorsVersion
            try await storage.pool.execute("DELETE FROM vector_definitions WHERE name = 'text'")
            #expect(try await read(storage, ["image", "text"]).count == 2)
            let after = try await storage.catalog.item(ItemID("b"))?.vectorsVersion
            #expect(after != nil && after != before)
            try await storage.pool.execute("DELETE FROM item_vectors WHERE item_id = 'b'")
            #expect(try await storage.catalog.item(ItemID("b"))?.vectorsVersion == nil)
            try await storage.pool.execute("TRUNCATE items")
            #expect(try await read(storage).isEmpty)
        }
    }

    @Test func anotherProgramMayDeclareAKindAnew() async throws {
        try await withStorage { server async throws in
            try await prepare(server)
            #expect(try await server.importSink.write(batch([vector("a", [1, 2, 3])])).vectors.inserted == 1)
            let other = Storage(pool: server.pool)
            try await server.pool.execute("DELETE FROM vector_definitions WHERE name = 'image'")
            await #expect { try await server.importSink.write(batch([vector("a", [1, 2, 3])])) } throws: {
                "\($0)".contains("not declared (declared: none)")
            }
            try await other.importSink.declare(vectors: [VectorDefinition(name: "image", width: 2)])
            #expect(try await server.importSink.write(batch([vector("a", [1, 2])])).vectors.inserted == 1)
            _ = try await server.catalog.put(Item(id: ItemID("b")), vectors: [vector("b", [3, 4])])
            await #expect { try await server.importSink.write(batch([vector("a", [1, 2, 3])])) } throws: {
                "\($0)".contains("have 2 columns, not 3") && "\($0)".contains("cascade train")
            }
            #expect(try await read(server) == [vector("a", [1, 2]), vector("b", [3, 4])])
        }
    }

    /// What others commit while a batch waits for a lock is in none of its counts.
    @Test func aVectorOfAnItemThatComesMeanwhileIsCountedAsLeftOut() async throws {
        try await withStorage { storage async throws in
            try await prepare(storage, ["a", "gone"])
            let written = batch(["a", "gone", "new"].map { vector($0, [1, 2, 3]) })
            let writing = try await storage.pool.withTransaction { connection in
                try await connection.query("SELECT FROM items WHERE item_id = 'a' FOR UPDATE")
                try await connection.execute("DELETE FROM items WHERE item_id = 'gone'")
                try await connection.execute("INSERT INTO items (item_id) VALUES ('new')")
                let writing = Task { try await storage.importSink.write(written) }
                while try await !waits(storage) { try await Task.sleep(for: .milliseconds(5)) }
                return writing
            }
            let outcome = try await writing.value
            #expect(outcome.vectors == AppendResult(inserted: 1) && outcome.vectorsWithoutItem == 2)
            #expect(try await read(storage) == [vector("a", [1, 2, 3])])
            let again = try await storage.importSink.write(written)
            #expect(again.vectors == AppendResult(inserted: 1, duplicates: 1) && again.vectorsWithoutItem == 1)
        }
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        try await withStorage { storage async throws in
            try await prepare(storage)
            let bad: [(ItemVector, String)] = [
                (vector("a", [1, 2]), "have 3 columns, not 2"), (vector("a", [1, 2, .nan]), "not finite"),
                (vector("a", [1], name: "sound"), "not declared (declared: image)"),
            ]
            for (vector, reason) in bad {
                await #expect { try await storage.importSink.write(batch([vector])) } throws: {
                    "\($0)".contains(reason)
                }
            }
            await #expect { try await storage.importSink.declare(vectors: [.init(name: "image", width: 4)]) } throws: {
                "\($0)".contains("have 3 columns, not 4") && "\($0)".contains("DELETE FROM vector_definitions")
            }
            for definition in [VectorDefinition(name: "a b", width: 1), .init(name: "wide", width: 0)] {
                await #expect(throws: StorageError.self) {
                    try await storage.importSink.declare(vectors: [definition])
                }
            }
            await #expect(throws: PostgresError.self) {
                try await storage.pool.execute(
                    "INSERT INTO item_vectors (item_id, name, vector) VALUES ('a', 'image', '\\x00000000')")
            }
            #expect(try await read(storage).isEmpty)
        }
    }
}
