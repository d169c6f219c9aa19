import CascadeCore
import Foundation
import Testing

@testable import CascadeData

/// The mappings of `Config/datasets` on the public data they are made for, where `CASCADE_DATA_DIR` says it is.
@Suite(.enabled(if: RealData.folder != nil, "set CASCADE_DATA_DIR to a folder with the public data sets"))
struct RealDataTests {
    /// Imports a data set, without the tables in `without`.
    private func run(_ name: String, without: [String] = []) async throws -> (ImportReport, RecordingSink) {
        var mapping = try DatasetMapping.load(path: ConfigFolder.dataset(name))
        mapping.tables.removeAll { without.contains($0.name) }
        let folder = try #require(RealData.folder).appendingPathComponent(name)
        let sink = RecordingSink()
        let report = try await ImportRun(mapping: mapping, directory: folder, sink: sink).run()
        #expect(report.total(\.rejected) == 0)
        #expect(report.warnings == [])
        #expect(await !sink.sawRepeats)
        return (report, sink)
    }

    @Test func kuairandCatalogAndValidation() async throws {
        let (report, sink) = try await run("kuairand", without: ["impressions_train"])
        let val = try #require(report.tables.last)
        #expect(val.rowsRead == 94_784)
        #expect(val.outcome[.impressions] == ImportCount(inserted: 94_784 - 2750, duplicates: 2750))
        let users = await sink.users
        #expect(users.count == 27_285)
        let first = try #require(users[UserID("1")]).attributes
        #expect(first["follow_user_num_range"] == .text("(250,500]"))
        #expect(first["follow_user_num"] == .number(457))
        #expect(first["is_live_streamer"] == nil)
        #expect(first["onehot_feat4"] == .text("4"))
        let items = await sink.items
        #expect(items.count == 7583)
        #expect(items[ItemID("0")]?.creatorID == "7349781")
        #expect(items[ItemID("0")]?.createdAt == Timestamp(rfc3339: "2022-04-10"))
        #expect(items.values.contains { $0.categories.count > 1 })
        #expect(await sink.impressions.values.allSatisfy { $0.observed?.count == 8 })
        let rate = Double(await sink.events.values.count { $0.type == "long_view" }) / Double(94_784 - 2750)
        #expect(abs(rate - 0.315) < 0.005)
    }

    /// Counts the rows of a large file, and imports its first ones.
    private func count(_ name: String, table: String, headRows: Int = 3000) async throws -> (Int, RecordingSink) {
        var mapping = try DatasetMapping.load(path: ConfigFolder.dataset(name))
        mapping.tables.removeAll { $0.name != table }
        let folder = try #require(RealData.folder).appendingPathComponent(name)
        let file = try #require(try TableFiles.find(mapping.tables[0], in: folder).first)
        let reader = try OpenTable.open(file, table: mapping.tables[0], mapping: mapping).reader
        var rows = 0
        var head = reader is SeparatedReader ? reader.columns.joined(separator: ",") + "\n" : ""
        var lastLine = 0
        while try reader.next() {
            rows += 1
            #expect(reader.record.problem == nil)
            guard rows <= headRows, reader.record.line != lastLine else { continue }
            lastLine = reader.record.line
            head += String(decoding: reader.record.raw, as: UTF8.self) + "\n"
        }
        let copy = try Folder()
        try copy.write(String(file.name.dropLast(3)), head)
        let sink = RecordingSink()
        let report = try await ImportRun(mapping: mapping, directory: copy.url, sink: sink).run()
        #expect(report.total(\.rejected) == 0 && report.total(\.rowsRead) >= headRows)
        return (rows, sink)
    }

    @Test func kuairandTrainingRows() async throws {
        let (rows, sink) = try await count("kuairand", table: "impressions_train")
        #expect(rows == 817_187)
        #expect(await sink.impressions.count == 3000)
        #expect(await sink.impressions.values.allSatisfy { $0.observed == ["long_view", "like"] })
        #expect(await Set(sink.events.values.map(\.type)) == ["long_view", "like"])
    }

    @Test func movielens() async throws {
        let (report, sink) = try await run("movielens-small")
        #expect(report.tables.map(\.rowsRead) == [9742, 100_836, 3683])
        #expect(await sink.impressions.count == 100_836)
        let city = try #require(await sink.items[ItemID("29")])
        #expect(city.title == "City of Lost Children, The (Cité des enfants perdus, La) (1995)")
        #expect(city.categories == ["Adventure", "Drama", "Fantasy", "Mystery", "Sci-Fi"])
        #expect(await sink.events.values.count { $0.type == "rated" } == 100_836)
    }

    @Test func sequencesOfBeauty() async throws {
        let (report, sink) = try await run("beauty")
        #expect(report.tables.map(\.rowsRead) == [12_101, 198_502])
        #expect(await sink.events.count == 198_502)
        #expect(await sink.items.count == 12_101)
        #expect(await Set(sink.events.values.map(\.userID)).count == 22_363)
        let end = try #require(Timestamp(rfc3339: "2014-07-01T00:00:00Z"))
        #expect(await sink.events.values.count { $0.occurredAt == end } == 22_363)
        #expect(await sink.items[ItemID("4")]?.attributes["attributes"] == .list(["1", "2", "3"]))
    }

    @Test func impressionsOfTwoPolicies() async throws {
        let (report, sink) = try await run("obd")
        #expect(report.tables.map(\.rowsRead) == [34, 10_000, 10_000])
        #expect(await sink.items.count == 34)
        #expect(await Set(sink.impressions.values.map(\.position)) == [0, 1, 2])
        #expect(await sink.impressions.values.allSatisfy { $0.propensity != nil })
    }

    @Test func clicksOfGlobo() async throws {
        let (rows, sink) = try await count("globo", table: "clicks")
        #expect(rows == 677_862)
        #expect(await sink.events.count == 3000)
        #expect(await sink.events.values.allSatisfy { $0.sessionID != nil })
        #expect(await sink.users[UserID("0")]?.attributes["os"] == .text("20"))
    }

    @Test func checkinsOfGowalla() async throws {
        let (train, sink) = try await count("gowalla", table: "train")
        #expect(train == 810_128)
        #expect(await !sink.items.isEmpty)
        #expect(try await count("gowalla", table: "test").0 == 217_242)
    }
}

enum RealData {
    /// The folder of the public data sets, or nil where none is named.
    static let folder: URL? = ProcessInfo.processInfo.environment["CASCADE_DATA_DIR"].flatMap {
        $0.isEmpty ? nil : URL(fileURLWithPath: $0)
    }
}

/// All mappings of the package, without any data.
@Suite struct ShippedMappingTests {
    @Test(arguments: ["kuairand", "movielens-small", "globo", "gowalla", "beauty", "obd", "generated"])
    func isValid(name: String) throws {
        let mapping = try DatasetMapping.load(path: ConfigFolder.dataset(name))
        #expect(mapping.dataset == name)
        #expect(!mapping.signals.isEmpty)
    }

    @Test func theManualsExampleIsValid() throws {
        let manual = try String(contentsOfFile: ConfigFolder.path("Docs/import.md"), encoding: .utf8)
        let example = try #require(manual.components(separatedBy: "```yaml\n").dropFirst().first)
        let mapping = try DatasetMapping.parse(example.components(separatedBy: "```")[0], file: "import.md")
        #expect(mapping.tables.count == 5)
        #expect(mapping.signals == ["click", "rating", "like", "add_to_cart", "purchase"])
    }
}
