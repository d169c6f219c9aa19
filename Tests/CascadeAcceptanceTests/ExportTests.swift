import ArgumentParser
import CascadeCore
import CascadeData
import CascadePostgres
import CascadeStorage
import CascadeTestSupport
import Foundation
import Testing

@testable import cascade

@Suite struct ExportTests {
    private static let mapping = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Config/datasets/exported.yaml").path

    private static let identifiers = [
        "plain", " spaces ", "a/b/../c", "it's", "say \"hi\"", "tab\there", "line\nbreak", "return\r", "back\\slash",
        "\\N", "NULL", "null", "{a,b}", "$1", "ключ", "🔑", "e\u{301}", "\u{e9}", "\u{1}", "\u{7f}", "\u{2028}",
        String(repeating: "é", count: 128),
    ]

    private func at(_ seconds: Double) -> Timestamp {
        Timestamp(microseconds: 1_650_000_000_123_456).adding(seconds: seconds)
    }

    private func fill(_ storage: Storage) async throws {
        var batch = ImportBatch()
        batch.attributes = [
            AttributeDefinition(entity: .item, name: "note", kind: .text),
            AttributeDefinition(entity: .item, name: "code", kind: .categorical),
        ]
        for (number, id) in Self.identifiers.enumerated() {
            batch.items.append(
                Item(
                    id: ItemID(id), title: number % 2 == 0 ? id : nil, creatorID: number % 3 == 0 ? id : nil,
                    categories: number % 4 == 0 ? [] : [id, "3.0", "x"],
                    attributes: [
                        "note": .text(id), "code": .number(Double(number)), "price": .number(0.1 + Double(number)),
                        "tags": .list([id, "b"]), "new": .flag(number % 2 == 0),
                    ], createdAt: number % 2 == 0 ? at(Double(number)) : nil, hidden: number % 5 == 0))
            batch.users.append(User(id: UserID(id), attributes: ["name": .text(id)], createdAt: at(1)))
            batch.impressions.append(
                Impression(
                    id: id, userID: UserID(id), itemID: ItemID(id), shownAt: at(Double(number)),
                    position: number % 2 == 0 ? number : nil, propensity: number % 3 == 0 ? 0.1 : nil,
                    recommendationID: number % 2 == 0 ? id : nil,
                    observed: [nil, [], ["click"], ["click", "like"]][number % 4],
                    surface: number % 2 == 0 ? "home" : nil))
            batch.events.append(
                Event(
                    id: id, type: number % 2 == 0 ? "click" : "odd / kind", userID: UserID(id), itemID: ItemID(id),
                    occurredAt: at(Double(number) + 0.5), value: number % 2 == 0 ? 1e-7 * Double(number) : nil,
                    impressionID: id, recommendationID: nil, sessionID: id, position: number, surface: "home"))
        }
        _ = try await storage.importSink.write(batch)
    }

    /// A table's rows as text, with names for what is numbered by its database.
    private func rows(_ storage: Storage) async throws -> [String] {
        var all: [String] = []
        for statement: SQL in [
            "SELECT row(item_id, title, creator_id, categories, attributes, created_at, hidden)::text AS row FROM items",
            "SELECT row(user_id, attributes, created_at)::text AS row FROM users",
            "SELECT row(entity, name, kind)::text AS row FROM attribute_definitions",
            """
            SELECT row(event_id, name, user_id, item_id, occurred_at, value, impression_id, recommendation_id, session_id,
                position, surface)::text AS row FROM events JOIN signals USING (signal_id)
            """,
            """
            SELECT row(impression_id, user_id, item_id, shown_at, position, propensity, recommendation_id, surface,
                CASE WHEN observed IS NOT NULL THEN
                    ARRAY(SELECT name FROM signals WHERE observed >> signal_id & 1 = 1 ORDER BY name) END)::text AS row
            FROM impressions
            """,
        ] {
            all += try await storage.pool.query(statement).column("row", as: String.self).sorted()
        }
        return all
    }

    private func withSession(_ body: (Session) async throws -> Void) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations) { database async throws in
            try await withTemporaryDirectory { directory async throws in
                try await body(
                    Session(
                        configuration: CascadeConfiguration(), storage: Storage(pool: database.pool),
                        dataDirectory: directory, cluster: nil))
            }
        }
    }

    @Test func whatIsExportedComesBackEqual() async throws {
        try await withSession { source async throws in
            try await fill(source.storage)
            let folder = source.dataDirectory.appendingPathComponent("out")
            for table in ExportedTable.allCases {
                let path = folder.appendingPathComponent("\(table.rawValue).ndjson").path
                #expect(
                    try await ExportRun(session: source, path: path).table(table, Period()) == Self.identifiers.count)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
            try await withSession { target async throws in
                let mapping = try DatasetMapping.load(path: Self.mapping)
                let report = try await ImportRun(mapping: mapping, directory: folder, sink: target.storage.importSink)
                    .run()
                #expect(report.total(\.rejected) == 0, "\(report.text)")
                let (found, wanted) = (try await rows(target.storage), try await rows(source.storage))
                #expect(found == wanted)
                // Once more adds nothing.
                let again = try await ImportRun(mapping: mapping, directory: folder, sink: target.storage.importSink)
                    .run()
                #expect(again.total(\.inserted) == 0)
            }
        }
    }

    @Test func aPeriodBoundsLogsAndRowsOfTraining() async throws {
        try await withSession { session async throws in
            try await fill(session.storage)
            let folder = session.dataDirectory
            let period = Period(from: at(3), until: at(7))
            func export(_ name: String) -> ExportRun {
                ExportRun(session: session, path: folder.appendingPathComponent(name).path)
            }
            #expect(try await export("i").table(.impressions, period) == 4)
            #expect(try await export("e").table(.events, period) == 4)
            #expect(try await export("t.csv").training(period, .csv) == 4)
            #expect(try await export("t.ndjson").training(period, .ndjson) == 4)
            let log = try await session.storage.feedback.interactions(in: period)
            let text = try String(contentsOf: folder.appendingPathComponent("t.ndjson"), encoding: .utf8)
            let rows = try text.split(separator: "\n").map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(rows.map { $0["user_id"] as? String } == log.userIndex.map { log.users[Int($0)].rawValue })
            #expect(rows.map { $0["item_id"] as? String } == log.itemIndex.map { log.items[Int($0)].rawValue })
            #expect(rows.map { $0["impression"] as? Bool } == Array(log.isImpression))
            #expect(rows.map { Int16($0["position"] as? Int ?? -1) } == Array(log.position))
            for (row, index) in zip(rows, log.feedback.indices) {
                let names = { (mask: UInt32) in
                    log.signals.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
                }
                #expect(row["given"] as? [String] == names(log.feedback[index]))
                #expect(row["recorded"] as? [String] == names(log.observed[index]))
            }
            let table = try String(contentsOf: folder.appendingPathComponent("t.csv"), encoding: .utf8)
            #expect(table.hasPrefix(TrainingRowText.header))
            #expect(table.contains("\"say \"\"hi\"\"\",\"say \"\"hi\"\"\","))
        }
    }

    @Test func anExportThatFailsLeavesNothing() async throws {
        try await withSession { session async throws in
            try await fill(session.storage)
            let path = session.dataDirectory.appendingPathComponent("x/i.ndjson")
            try await session.storage.pool.execute("DROP TABLE events")
            await #expect(throws: StorageError.self) {
                _ = try await ExportRun(session: session, path: path.path).table(.events, Period())
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: path.deletingLastPathComponent().path)
            #expect(left.isEmpty)
            let none = session.dataDirectory.appendingPathComponent("i")
            try Data().write(to: none)
            await #expect(throws: BackupError.self) {
                let run = ExportRun(session: session, path: none.appendingPathComponent("below").path)
                _ = try await run.table(.items, Period())
            }
        }
    }

    @Test func theHeaderOfAMatrixIsNumPys() throws {
        let header = EmbeddingFiles.header(rows: 3, columns: 4)
        #expect(header.count % 64 == 0)
        #expect(header.prefix(8) == Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]))
        #expect(String(decoding: header.dropFirst(10), as: UTF8.self).contains("'shape': (3, 4)"))
    }

    @Test(arguments: [
        ["export", "items", "--out", "x", "--from", "2025-01-01"], ["export", "embeddings", "--out", "x.bin"],
        ["export", "items", "--out", "x", "--format", "csv"], ["export", "users", "--out", "x", "--release", "r"],
        ["export", "nothing", "--out", "x"], ["export", "items"],
        ["evaluate", "--from", "2025-01-01", "--predictions", "-"],
    ])
    func wrongUsageIsRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { _ = try Cascade.parseAsRoot(arguments) }
    }
}
