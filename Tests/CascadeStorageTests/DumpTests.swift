import CascadeCore
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct DumpTests {
    /// Dumps one database and runs `body` with the file and another, migrated and empty one.
    private func withDump(
        _ fill: (Storage) async throws -> Void, _ body: (URL, Storage, Storage) async throws -> Void
    ) async throws {
        try await withStorage { source async throws in
            try await fill(source)
            try await withTemporaryDirectory { directory async throws in
                let file = directory.appendingPathComponent("d.dump")
                _ = try await source.dump(to: file) { _ in }
                try await withStorage { target async throws in try await body(file, source, target) }
            }
        }
    }

    private func fill(_ storage: Storage) async throws {
        for (number, id) in awkwardIdentifiers.enumerated() {
            _ = try await storage.catalog.put(
                Item(id: ItemID(id), title: id, categories: [id], attributes: ["n": .number(Double(number))]))
        }
        _ = try await storage.catalog.put(Item(id: ItemID("gone")))
        try await storage.pool.execute("DELETE FROM items WHERE item_id = 'gone'")
        _ = try await storage.catalog.put(User(id: UserID("u"), attributes: ["a": .text("b")]))
        _ = try await storage.feedback.append([makeImpression("p", "u", "plain", 1, observed: ["click"])])
        _ = try await storage.feedback.append([makeEvent("e", "click", "u", "plain", 2, impression: "p")])
        try await ReleaseStoreTests.register(storage, ["r1", "r2"])
        try await storage.releases.activate("r1")
        try await storage.releases.activate("r2")
    }

    @Test func everythingComesBack() async throws {
        try await withDump(fill) { file, source, target async throws in
            let before = try await target.restoreTarget()
            #expect(before.filled.isEmpty && before.others == 0)
            let rows = try await target.restore(from: file)
            #expect(rows["items"] == awkwardIdentifiers.count)
            #expect(rows["release_activations"] == 2)
            #expect(try await target.catalog.items() == source.catalog.items())
            #expect(try await target.catalog.users() == source.catalog.users())
            #expect(try await target.catalog.deletedItems() == [ItemID("gone")])
            let log = try await target.feedback.interactions(in: Period())
            let former = try await source.feedback.interactions(in: Period())
            #expect(log.users == former.users && log.items == former.items && log.time == former.time)
            #expect(log.feedback == former.feedback && log.observed == former.observed)
            #expect(try await target.releases.releases() == source.releases.releases())
            #expect(try await target.releases.rollback()?.id == "r1")
            // Sequences go on where they were, and nothing is left to migrate.
            try await target.releases.activate("r2")
            #expect(try await target.migrate(directory: TestDatabase.repositoryMigrations).isEmpty)
            #expect(try await target.restoreTarget().filled.contains("items"))
        }
    }

    /// The rows carry numbers of the former server's transactions, far ahead of or behind this one's.
    @Test(arguments: ["3", "900000000"]) func aFollowerSeesWhatChangesAfterARestore(_ transaction: String) async throws
    {
        let fill = { (source: Storage) async throws in
            for id in ["a", "b", "c"] { _ = try await source.catalog.put(Item(id: ItemID(id))) }
            _ = try await source.catalog.put(Item(id: ItemID("gone")))
            try await source.pool.execute("DELETE FROM items WHERE item_id = 'gone'")
            for table in ["items", "deleted_items"] {
                try await source.pool.execute("ALTER TABLE \(identifier: table) DISABLE TRIGGER USER")
                try await source.pool.execute("UPDATE \(identifier: table) SET changed_in = \(transaction)::xid8")
                try await source.pool.execute("ALTER TABLE \(identifier: table) ENABLE TRIGGER USER")
            }
        }
        try await withDump(fill) { file, _, target async throws in
            _ = try await target.restore(from: file)
            let first = try await read(target, nil)
            #expect(first.changes.count == 4)
            let second = try await read(target, first.cursor)
            #expect(second.changes.isEmpty)
            _ = try await target.catalog.put(Item(id: ItemID("a"), title: "changed"))
            _ = try await target.catalog.put(Item(id: ItemID("new")))
            try await target.pool.execute("DELETE FROM items WHERE item_id = 'b'")
            let third = try await read(target, second.cursor)
            #expect(
                Set(third.changes) == [
                    .put(Item(id: ItemID("a"), title: "changed")), .put(Item(id: ItemID("new"))),
                    .deleted(ItemID("b")),
                ])
            #expect(try await read(target, third.cursor).changes.isEmpty)
            // A server that followed the former database, whose numbers were higher.
            #expect(try await read(target, CatalogCursor(position: .max / 4)).changes.count >= 5)
        }
    }

    private func read(
        _ storage: Storage, _ cursor: CatalogCursor?
    ) async throws -> (changes: [CatalogChange], cursor: CatalogCursor) {
        let changes = Mutex<[CatalogChange]>([])
        let next = try await storage.catalog.changes(since: cursor) { change in changes.withLock { $0.append(change) } }
        return (changes.withLock { $0 }, next)
    }

    @Test func whatIsThereIsReplacedInOneTransaction() async throws {
        try await withDump(fill) { file, source, target async throws in
            _ = try await target.catalog.put(Item(id: ItemID("other")))
            _ = try await target.restore(from: file)
            #expect(try await target.catalog.items() == source.catalog.items())
        }
    }

    @Test func aRestoreThatFailsChangesNothing() async throws {
        try await withDump(fill) { file, _, target async throws in
            _ = try await target.catalog.put(Item(id: ItemID("other")))
            var data = try Data(contentsOf: file)
            data.removeLast(data.count / 3)
            try data.write(to: file)
            let error = await storageError { _ = try await target.restore(from: file) }
            #expect("\(error, default: "")".contains("pg_restore"))
            #expect(error?.isUnavailable == false)
            #expect(try await target.catalog.items().map(\.id) == [ItemID("other")])
            // The migrations' lock is free again.
            #expect(try await target.migrate(directory: TestDatabase.repositoryMigrations).isEmpty)
        }
    }

    @Test func aSchemaWithMoreThanTheDumpIsReplacedToo() async throws {
        try await withDump(fill) { file, source, target async throws in
            try await target.pool.execute("CREATE TABLE newer (id text REFERENCES items)")
            try await target.pool.execute("CREATE FUNCTION newer() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            let rows = try await target.restore(from: file)
            #expect(rows["newer"] == nil)
            #expect(try await target.catalog.items() == source.catalog.items())
            await #expect(throws: PostgresError.self) { try await target.pool.query("SELECT newer()") }
        }
    }

    @Test func nothingIsActivatedWhileArtifactsAreKept() async throws {
        try await withStorage { storage async throws in
            try await fill(storage)
            try await withTemporaryDirectory { directory async throws in
                let (entered, enter) = AsyncStream.makeStream(of: Void.self)
                let isFree = Mutex(false)
                let wasActive = Mutex<String?>(nil)
                let activation = Task {
                    for await _ in entered { break }
                    try await storage.releases.activate("r1")
                    isFree.withLock { $0 = true }
                }
                let contents = try await storage.dump(to: directory.appendingPathComponent("d")) { contents in
                    enter.yield()
                    usleep(300_000)
                    wasActive.withLock { $0 = contents.releases.first { $0.state == .active }?.id }
                    #expect(isFree.withLock { $0 } == false)
                }
                try await activation.value
                #expect(wasActive.withLock { $0 } == "r2")
                #expect(contents.releases.first { $0.state == .active }?.id == "r2")
                #expect(contents.rows["events"] == 1)
                #expect(try await storage.releases.activeRelease()?.id == "r1")
            }
        }
    }

    @Test func aBackupThatCannotKeepArtifactsLetsGo() async throws {
        struct Full: Error {}
        try await withStorage { storage async throws in
            try await fill(storage)
            try await withTemporaryDirectory { directory async throws in
                let file = directory.appendingPathComponent("d")
                await #expect(throws: Full.self) { _ = try await storage.dump(to: file) { _ in throw Full() } }
                #expect(!FileManager.default.fileExists(atPath: file.path))
                try await storage.releases.activate("r1")
            }
        }
    }
}
