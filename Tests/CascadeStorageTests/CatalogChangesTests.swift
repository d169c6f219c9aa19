import CascadeCore
import CascadePostgres
import CascadeStorage
import Foundation
import Synchronization
import Testing

@Suite struct CatalogChangesTests {
    /// Everything since a cursor, and the next cursor.
    private func read(
        _ storage: Storage, _ cursor: CatalogCursor?
    ) async throws -> (changes: [CatalogChange], cursor: CatalogCursor) {
        let changes = Changes()
        let next = try await storage.catalog.changes(since: cursor) { changes.append($0) }
        return (changes.all, next)
    }

    @Test func theFirstLookSeesTheWholeCatalogInOrder() async throws {
        try await withStorage { storage async throws in
            #expect(try await read(storage, nil).changes.isEmpty)
            let items = ["b", "a", "c"].map { Item(id: ItemID($0), title: $0, attributes: ["n": .number(1)]) }
            for item in items { _ = try await storage.catalog.put(item) }
            #expect(try await read(storage, nil).changes == items.map { .put($0) })
        }
    }

    @Test func laterLooksSeeWhatWasWrittenSince() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            var cursor = try await read(storage, nil).cursor
            #expect(try await read(storage, cursor).changes.isEmpty)
            let changed = Item(id: ItemID("a"), title: "x", hidden: true)
            _ = try await storage.catalog.put(changed)
            var batch = ImportBatch()
            batch.items = [Item(id: ItemID("b")), Item(id: ItemID("c"))]
            _ = try await storage.importSink.write(batch)
            let second = try await read(storage, cursor)
            #expect(second.changes == [.put(changed), .put(batch.items[0]), .put(batch.items[1])])
            cursor = second.cursor
            // An import of what is there already changes nothing.
            _ = try await storage.importSink.write(batch)
            #expect(try await read(storage, cursor).changes.isEmpty)
        }
    }

    @Test func deletionsAreSeenUntilTheItemIsPutAgain() async throws {
        try await withStorage { storage async throws in
            for id in ["a", "b"] { _ = try await storage.catalog.put(Item(id: ItemID(id))) }
            let cursor = try await read(storage, nil).cursor
            try await storage.pool.execute("DELETE FROM items WHERE item_id = 'a'")
            #expect(try await read(storage, cursor).changes == [.deleted(ItemID("a"))])
            #expect(try await read(storage, nil).changes == [.put(Item(id: ItemID("b"))), .deleted(ItemID("a"))])
            #expect(try await storage.catalog.deletedItems() == [ItemID("a")])
            _ = try await storage.catalog.put(Item(id: ItemID("a"), title: "back"))
            #expect(try await read(storage, cursor).changes == [.put(Item(id: ItemID("a"), title: "back"))])
            #expect(try await storage.catalog.deletedItems().isEmpty)
            try await storage.pool.execute("TRUNCATE items")
            #expect(Set(try await storage.catalog.deletedItems()) == [ItemID("a"), ItemID("b")])
            #expect(Set(try await read(storage, cursor).changes) == [.deleted(ItemID("a")), .deleted(ItemID("b"))])
        }
    }

    /// A transaction that began before others and commits after them was not there when the reader looked.
    @Test func aWriteThatCommitsLateIsNotMissed() async throws {
        try await withStorage { storage async throws in
            let connection = try await PostgresConnection.connect(storage.pool.configuration)
            try await connection.execute("BEGIN")
            try await connection.execute("INSERT INTO items (item_id) VALUES ('late')")
            _ = try await storage.catalog.put(Item(id: ItemID("early")))
            let first = try await read(storage, nil)
            #expect(first.changes == [.put(Item(id: ItemID("early")))])
            try await connection.execute("COMMIT")
            let second = try await read(storage, first.cursor)
            #expect(second.changes.contains(.put(Item(id: ItemID("late")))))
            #expect(try await read(storage, second.cursor).changes.isEmpty)
            await connection.close()
        }
    }

    /// The transactions of a database that was restored from a dump are numbered anew.
    @Test func aCursorFromTheFutureReadsEverythingAgain() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            #expect(try await read(storage, CatalogCursor(position: .max / 4)).changes.count == 1)
        }
    }

    /// Its rows carry the numbers of the former database: they are read once, and later looks find what is written since.
    @Test func rowsOfARestoredDumpAreNotReadAgainAndAgain() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("restored")))
            try await storage.pool.execute("ALTER TABLE items DISABLE TRIGGER USER")
            try await storage.pool.execute("UPDATE items SET changed_in = '900000000'::xid8")
            try await storage.pool.execute("ALTER TABLE items ENABLE TRIGGER USER")
            let first = try await read(storage, nil)
            #expect(first.changes.count == 1)
            let second = try await read(storage, first.cursor)
            #expect(second.changes.isEmpty)
            _ = try await storage.catalog.put(Item(id: ItemID("new")))
            #expect(try await read(storage, second.cursor).changes.count == 1)
        }
    }

    @Test func aVisitorThatThrowsEndsTheReading() async throws {
        struct Enough: Error {}
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("a")))
            await #expect(throws: Enough.self) {
                _ = try await storage.catalog.changes(since: nil) { _ in throw Enough() }
            }
            #expect(try await read(storage, nil).changes.count == 1)
        }
    }

    @Test func hiddenAndDeletedItemsAreTold() async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Item(id: ItemID("shown")))
            _ = try await storage.catalog.put(Item(id: ItemID("hidden"), hidden: true))
            _ = try await storage.catalog.put(Item(id: ItemID("gone")))
            try await storage.pool.execute("DELETE FROM items WHERE item_id = 'gone'")
            let ids = ["shown", "hidden", "gone", "never there"].map { ItemID($0) }
            let withdrawn = try await storage.catalog.withdrawn(among: ids)
            #expect(withdrawn.hidden == [ItemID("hidden")])
            #expect(withdrawn.deleted == [ItemID("gone")])
            let none = try await storage.catalog.withdrawn(among: [])
            #expect(none.hidden.isEmpty && none.deleted.isEmpty)
        }
    }

    @Test func usersAreThoseWithFeedbackOfAnyKind() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.feedback.usersWithFeedback(limit: 5).isEmpty)
            _ = try await storage.catalog.put(User(id: UserID("silent")))
            _ = try await storage.feedback.append([
                makeEvent("e1", "click", "u2", "i", 1), makeEvent("e2", "click", "u2", "i", 2),
                makeEvent("e3", "click", "u4", "i", 3),
            ])
            _ = try await storage.feedback.append([
                makeImpression("m1", "u1", "i", 1), makeImpression("m2", "u4", "i", 1),
                makeImpression("m3", "u5", "i", 1),
            ])
            let all = ["u1", "u2", "u4", "u5"].map { UserID($0) }
            #expect(try await storage.feedback.usersWithFeedback(limit: 100) == all)
            #expect(try await storage.feedback.usersWithFeedback(limit: 2) == Array(all.prefix(2)))
            #expect(try await storage.feedback.usersWithFeedback(limit: 0).isEmpty)
        }
    }

    @Test func theSearchEffortIsKeptWithTheRelease() async throws {
        try await withStorage { storage async throws in
            try await ReleaseStoreTests.register(storage, ["r1"])
            #expect(try await storage.releases.release("r1")?.efSearch == nil)
            try await storage.releases.setSearchEffort(300, of: "r1")
            #expect(try await storage.releases.release("r1")?.efSearch == 300)
            try await storage.releases.activate("r1")
            #expect(try await storage.releases.activeRelease()?.efSearch == 300)
            for effort in [0, 100_001] {
                let error = await storageError { try await storage.releases.setSearchEffort(effort, of: "r1") }
                guard case .refusedValue = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            try await storage.releases.setSearchEffort(nil, of: "r1")
            #expect(try await storage.releases.release("r1")?.efSearch == nil)
            let error = await storageError { try await storage.releases.setSearchEffort(5, of: "r2") }
            #expect(error == .unknownRelease(id: "r2"))
        }
    }
}

/// Collects changes from the thread that reads them.
private final class Changes: Sendable {
    private let changes = Mutex<[CatalogChange]>([])

    var all: [CatalogChange] { changes.withLock { $0 } }

    func append(_ change: CatalogChange) { changes.withLock { $0.append(change) } }
}
