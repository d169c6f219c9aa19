import CascadeCore
import CascadePostgres
import CascadeTestSupport
import Foundation
import Testing

@testable import CascadeStorage

/// Logins that are members of one role alone.
@Suite struct RoleTests {
    /// Lends the stores of the schema's owner and those of a login that is a member of `role`.
    private nonisolated(nonsending) func withMember(
        of role: String, _ body: (_ owner: Storage, _ member: Storage) async throws -> Void
    ) async throws {
        try await withStorage { owner async throws in
            let login = "login_\(UUID().uuidString.lowercased().prefix(13))"
            try await owner.pool.execute("CREATE ROLE \(identifier: login) LOGIN IN ROLE \(identifier: role)")
            let address = owner.pool.configuration
            let member = Storage(
                pool: PostgresPool(
                    PostgresConfiguration(
                        socketDirectory: address.host ?? "", user: login, database: address.database ?? "")))
            defer { member.close() }
            try await body(owner, member)
            member.close()
        }
    }

    /// Expects that each statement is refused for want of a privilege.
    private func expectRefused(
        _ statements: [String], _ storage: Storage, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        for statement in statements {
            let error = await #expect(throws: PostgresError.self, "\(statement)", sourceLocation: sourceLocation) {
                try await storage.pool.withConnection { connection in try await connection.script(statement) }
            }
            #expect(error?.serverFailure?.sqlState == "42501", "\(statement)", sourceLocation: sourceLocation)
        }
    }

    private static func isRefused(_ error: StorageError?) -> Bool {
        error?.postgresError?.serverFailure?.sqlState == "42501"
    }

    @Test func aServerServes() async throws {
        try await withMember(of: "cascade_server") { owner, member in
            try await owner.signals.register(["click", "like", "hide"])
            _ = try await owner.catalog.put(Item(id: ItemID("i"), title: "t"))
            _ = try await owner.catalog.put(User(id: UserID("u")))
            // A schema that is up to date is none of its business.
            #expect(try await member.migrate(directory: TestDatabase.repositoryMigrations).isEmpty)
            try await CounterStoreTests.activate(owner, "r1", CounterStoreTests.windows)

            // Into a month that has no partition, counted by the triggers.
            var shown = makeImpression("m", "u", "i", 0, recommendation: "rec")
            shown.shownAt = Timestamp.now.adding(seconds: 400 * 86_400)
            var told = makeEvent("e", "comment", "u", "i", 0, impression: "m")
            told.occurredAt = shown.shownAt
            var liked = makeEvent("l", "like", "u", "i", 0, impression: "m")
            liked.occurredAt = shown.shownAt
            #expect(try await member.feedback.append([shown]).inserted == 1)
            #expect(try await member.feedback.append([told, liked]).inserted == 2)
            #expect(try await member.feedback.append([told, liked]).inserted == 0)
            try await member.logs.prepareAhead()
            #expect(try await owner.counters.status().recent > 0)
            #expect(try await member.counters.fold(at: shown.shownAt.adding(seconds: 60)) > 0)
            let key = CounterKey(counter: 0, key: "1:i")
            let counts = try await member.counters.counts(
                [key], of: CounterStoreTests.windows, at: shown.shownAt.adding(seconds: 120))
            #expect(counts.first?.last != nil)

            #expect(
                try await member.feedback.history(of: UserID("u"), before: nil, limit: 5).first?.signals == [
                    "comment", "like",
                ])
            #expect(try await member.feedback.seenItems(of: UserID("u"), limit: 5) == [ItemID("i")])
            #expect(try await member.catalog.items([ItemID("i")]).count == 1)
            #expect(try await member.catalog.user(UserID("u")) != nil)
            _ = try await member.catalog.changes(since: nil) { _ in }
            #expect(try await member.catalog.withdrawn(among: [ItemID("i")]).hidden.isEmpty)
            #expect(try await member.releases.activeRelease()?.id == "r1")
            #expect(try await member.releases.modelVersion("dcn") != nil)
            #expect(try await member.releases.shadowRelease() == nil)
            #expect(try await member.hasItems())
            let trace = RecommendationTrace(
                recommendationID: "rec", userID: UserID("u"), releaseID: "r1", createdAt: .now, json: "{}")
            try await member.traces.put([trace])
            try await member.traces.put([trace])
            let job = try await member.jobs.add(.train, params: [:], maxAttempts: 1)
            #expect(try await member.jobs.cancel(job.id) != nil)
            let page = SlatePage(
                recommendationID: "rec", userID: UserID("u"), createdAt: .now, requestJSON: "{}", shown: [])
            try await member.pages.put([page])
            #expect(try await member.pages.page("rec") != nil)
            #expect(try await member.pages.prune(before: .now) == 1)
            let write = IdempotentWrite(owner: "", key: "k", digest: [UInt8](repeating: 1, count: 32))
            guard case .begun(let attempt) = try await member.idempotency.claim(write, lease: 9, lifetime: 99) else {
                return #expect(Bool(false))
            }
            try await member.idempotency.finish(
                write, attempt: attempt, StoredAnswer(status: 200, headers: [:], body: []))
            #expect(try await member.idempotency.prune(before: .now) == 1)
            // What the statistics are made of.
            _ = try await member.serverFacts()
            #expect(try await member.rowCounts().items == 1)
            #expect(try await member.jobs.facts().states == ["cancelled": 1])
            _ = try await member.counters.status(withBuckets: false)
        }
    }

    @Test func aServerFollowsAnActivation() async throws {
        try await withMember(of: "cascade_server") { owner, member in
            try await ReleaseStoreTests.register(owner, ["r1"])
            let stream = ReleaseWatch.stream(member.releases, pollEvery: .seconds(3600))
            try await owner.releases.activate("r1")
            for await _ in stream where try await member.releases.activeRelease()?.id == "r1" { break }
        }
    }

    @Test func aServerMayNotDoMore() async throws {
        try await withMember(of: "cascade_server") { owner, member in
            try await ReleaseStoreTests.register(owner, ["r1"])
            _ = try await owner.catalog.put(Item(id: ItemID("i")))
            await expectRefused(
                [
                    "DELETE FROM items", "UPDATE items SET hidden = true", "DROP TABLE items", "DELETE FROM events",
                    "UPDATE events SET user_id = 'x'", "INSERT INTO events_before SELECT * FROM events_before",
                    "DROP TABLE events_far", "TRUNCATE events", "CREATE TABLE mine (a int)",
                    "UPDATE releases SET state = 'active'", "INSERT INTO schema_migrations VALUES (99, 'x', 'x')",
                    "SELECT hold_log_writers()", "SELECT grant_cascade_roles()", "SELECT * FROM log_state",
                    "ALTER FUNCTION ensure_log_months(date[]) SECURITY INVOKER",
                ], member)
            #expect(Self.isRefused(await storageError { try await member.releases.activate("r1") }))
            let refused = await storageError { _ = try await member.catalog.put(Item(id: ItemID("new"))) }
            #expect(Self.isRefused(refused))
            #expect(refused?.description.contains("cascade_catalog") == true)
        }
    }

    @Test func whatActsAsTheOwnerIsNotMisledByTablesOfTheCaller() async throws {
        try await withMember(of: "cascade_server") { owner, member in
            try await member.pool.withConnection { connection in
                try await connection.script(
                    """
                    CREATE TEMPORARY TABLE log_state AS SELECT timestamptz 'infinity' AS months_from;
                    CREATE TEMPORARY TABLE events (mine int);
                    SELECT ensure_log_months('{2090-03-01}')
                    """)
            }
            let made: String? = try await owner.pool.query("SELECT to_regclass('public.events_2090_03')::text").single()
                .decode(0)
            #expect(made == "events_2090_03")
        }
    }

    @Test func anEditorOfTheCatalogImportsAndErases() async throws {
        try await withMember(of: "cascade_catalog") { owner, member in
            try await CounterStoreTests.putItems(owner, NaiveCounters(windows: CounterStoreTests.windows))
            try await CounterStoreTests.activate(owner, "r1", CounterStoreTests.windows)
            try await member.importSink.declare(vectors: [VectorDefinition(name: "image", width: 2)])
            try await member.importSink.declare(
                attributes: [AttributeDefinition(entity: .item, name: "size", kind: .numeric)], signals: ["share"])
            var batch = ImportBatch()
            batch.items = [Item(id: ItemID("i"), attributes: ["size": .number(1)])]
            batch.users = [User(id: UserID("u"))]
            batch.impressions = [makeImpression("m", "u", "i", 0)]
            batch.events = [makeEvent("e", "like", "u", "i", 1, impression: "m")]
            batch.relations = [UserRelation(userID: UserID("u"), kind: .follow, target: "c", since: nil)]
            batch.vectors = [ItemVector(itemID: ItemID("i"), name: "image", values: [1, 2])]
            #expect(try await member.importSink.write(batch).events.inserted == 1)
            #expect(try await member.catalog.put(Item(id: ItemID("j"))))
            _ = try await member.catalog.change(ItemID("j")) { item in
                var item = item
                item.title = "new"
                return ItemChange(item: item)
            }
            #expect(try await member.catalog.delete(ItemID("j")))
            let erased = try #require(try await member.eraser.erase(UserID("u")))
            #expect(erased.deletedRows["events"] == 1 && erased.deletedRows["user_relations"] == 1)
            await expectRefused(
                ["DROP TABLE items", "UPDATE releases SET state = 'failed'", "UPDATE events SET item_id = 'x'"], member)
        }
    }

    @Test func aTrainerMakesReleases() async throws {
        try await withMember(of: "cascade_trainer") { owner, member in
            try await owner.signals.register(["click", "like", "hide"])
            _ = try await owner.catalog.put(Item(id: ItemID("i")))
            _ = try await owner.feedback.append([makeImpression("m", "u", "i", 0)])
            #expect(try await member.feedback.interactions(in: Period()).count == 1)
            #expect(try await member.catalog.items().count == 1)
            // Fills counters from the log, while writers are held back.
            try await CounterStoreTests.activate(member, "r1", CounterStoreTests.windows)
            #expect(try await member.counters.rebuild() > 0)
            try await CounterStoreTests.activate(member, "r2", nil)
            #expect(try await member.releases.rollback()?.id == "r1")
            try await member.releases.setSearchEffort(50, of: "r1")
            try await member.releases.shadow("r2", share: 0.5)
            #expect(try await member.releases.endShadow() == "r2")
            _ = try await member.headFactors.change(note: "") { _ in ["like": 2] }
            let job = try await member.jobs.add(.train, params: [:], maxAttempts: 1)
            let claimed = try #require(try await member.jobs.claim("w", kinds: JobKind.allCases, lease: 30))
            #expect(claimed.id == job.id)
            #expect(try await member.jobs.renew(claimed, lease: 30, progress: "half", lines: ["one"]) == .held)
            #expect(try await member.jobs.finish(claimed, .succeeded, lines: []))
            #expect(try await member.eraser.latestErasure() == nil)
            await expectRefused(["DELETE FROM items", "DELETE FROM events", "INSERT INTO items VALUES ('x')"], member)
        }
    }

    @Test func aReaderReads() async throws {
        try await withMember(of: "cascade_reader") { owner, member in
            _ = try await owner.feedback.append([makeImpression("m", "u", "i", 0)])
            #expect(try await member.feedback.interactions(in: Period()).count == 1)
            #expect(try await member.counts().impressions == 1)
            #expect(try await member.traces.trace("rec") == nil)
            await expectRefused(
                [
                    "INSERT INTO signals VALUES (31, 'x')", "DELETE FROM events",
                    "SELECT ensure_log_months('{2050-01-01}')",
                ], member)
        }
    }

    @Test func aPendingMigrationIsLeftToTheOwner() async throws {
        try await withMember(of: "cascade_server") { _, member in
            try await withTemporaryDirectory { directory in
                let files = try FileManager.default.contentsOfDirectory(
                    at: TestDatabase.repositoryMigrations, includingPropertiesForKeys: nil
                ).filter { $0.pathExtension == "sql" }
                for file in files {
                    try FileManager.default.copyItem(
                        at: file, to: directory.appendingPathComponent(file.lastPathComponent))
                }
                let next = String(format: "%04d_next.sql", files.count + 1)
                try "ALTER TABLE items ADD COLUMN extra int;".write(
                    to: directory.appendingPathComponent(next), atomically: true, encoding: .utf8)
                let error = await storageError { try await member.migrate(directory: directory) }
                #expect(error?.description.contains(next) == true)
                #expect(error?.description.contains("cascade db migrate") == true)
            }
        }
    }

    @Test func whoMayMakeNoRolesMigratesAllTheSame() async throws {
        try await TestServer.with { server in
            let administrator = PostgresPool(server.configuration)
            defer { administrator.close() }
            try await administrator.execute("CREATE ROLE builder LOGIN")
            try await administrator.execute("CREATE DATABASE app OWNER builder")
            let address = PostgresConfiguration(
                socketDirectory: server.directory.path, port: server.port, user: "builder", database: "app")
            let owner = Storage(pool: PostgresPool(address))
            defer { owner.close() }
            try await owner.migrate(directory: TestDatabase.repositoryMigrations)
            let made: Int = try await administrator.query("SELECT count(*) FROM pg_roles WHERE rolname ~ '^cascade_'")
                .single().decode(0)
            #expect(made == 0)
            for role in ["cascade_reader", "cascade_server", "cascade_catalog", "cascade_trainer"] {
                try await administrator.execute("CREATE ROLE \(identifier: role)")
            }
            try await owner.pool.query("SELECT grant_cascade_roles()")
            let may: Bool = try await owner.pool.query(
                "SELECT has_table_privilege('cascade_server', 'events', 'INSERT')"
            )
            .single().decode(0)
            #expect(may)
        }
    }
}
