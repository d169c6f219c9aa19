import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct ImportTests {
    private let log = """
        dataset: shop
        missing: ["NA"]
        tables:
          - name: log
            file: log.csv
            format: csv
            impression:
              user: user
              item: item
              time: { column: at, format: milliseconds }
              position: place
              first_position: 1
              propensity: chance
              session: visit
              signals:
                - { type: click, when: clicked == 1, value: seconds }
                - { type: like, when: liked == 1 }
        """
    private let header = "user,item,at,place,chance,visit,clicked,liked,seconds\n"

    @Test func makesImpressionsWithTheirFeedback() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + "u1,i1,1000,1,0.25,v,1,0,12.5\nu1,i2,1000,2,,v,0,NA,\n")
        let sink = RecordingSink()
        let report = try await folder.run(log, into: sink)
        #expect(await sink.signals == ["click", "like"])
        let shown = await sink.impressions.values.sorted { $0.itemID < $1.itemID }
        #expect(shown.map(\.position) == [0, 1])
        #expect(shown.map(\.propensity) == [0.25, nil])
        #expect(shown.map(\.observed) == [["click", "like"], ["click"]])
        #expect(shown[0].shownAt == Timestamp(milliseconds: 1000))
        let events = await Array(sink.events.values)
        #expect(events.count == 1)
        #expect(
            events.first
                == Event(
                    id: shown[0].id + ":click", type: "click", userID: UserID("u1"), itemID: ItemID("i1"),
                    occurredAt: Timestamp(milliseconds: 1000), value: 12.5, impressionID: shown[0].id, sessionID: "v",
                    position: 0))
        #expect(report.total(\.rowsRead) == 2)
        #expect(report.total(\.inserted) == 3)
    }

    @Test func surfacesAreRead() async throws {
        let folder = try Folder()
        let log = log.replacing("session: visit", with: "surface: visit")
        let long = String(repeating: "x", count: 65)
        try folder.write(
            "log.csv",
            header + "u1,i1,1000,1,0.25,home,1,0,12.5\nu1,i2,1000,2,,,0,NA,\nu1,i3,1000,3,,\(long),0,0,\n")
        let sink = RecordingSink()
        let report = try await folder.run(log, into: sink)
        let shown = await sink.impressions.values.sorted { $0.itemID < $1.itemID }
        #expect(shown.map(\.surface) == ["home", nil])
        #expect(await sink.events.values.map(\.surface) == ["home"])
        #expect(report.total(\.rejected) == 1)
    }

    @Test func badRowsAreRejectedWholeAndTheRestLoads() async throws {
        let folder = try Folder()
        try folder.write(
            "log.csv",
            header + "u1,i1,1000,1,0.5,v,1,0,1\nu2,,1000,1,0.5,v,1,0,1\nu3,i3,soon,1,0.5,v,1,0,1\n"
                + "u4,i4,1000,0,0.5,v,1,0,1\nu5,i5,1000,1,1.5,v,1,0,1\nu6,i6,1000,1,0.5,v,1,0,\"lo,ng\"\n"
                + "u7,i7,1000\nu8,i8,1000,1,0.5,v,1,1,2\n\(String(repeating: "x", count: 257)),i9,1000,1,,v,0,0,\n")
        let sink = RecordingSink()
        let report = try await folder.run(log, into: sink)
        #expect(await Set(sink.impressions.values.map(\.userID.rawValue)) == ["u1", "u8"])
        #expect(await sink.events.count == 3)
        #expect(report.tables[0].rowsRead == 9)
        #expect(report.tables[0].rejected == 7)
        let lines = try folder.text("rejects.ndjson").split(separator: "\n").map {
            try JSONDecoder().decode(Reject.self, from: Data($0.utf8))
        }
        #expect(lines.map(\.line) == [3, 4, 5, 6, 7, 8, 10])
        #expect(lines.map(\.column) == ["item", "at", "place", "chance", "seconds", nil, "user"])
        #expect(lines[0].reason == "is missing")
        #expect(lines[1].reason.contains("'soon' is no time in milliseconds"))
        #expect(lines[4].raw == "u6,i6,1000,1,0.5,v,1,0,\"lo,ng\"")
        #expect(lines.allSatisfy { $0.file == "log.csv" })
    }

    private struct Reject: Decodable {
        let file: String
        let line: Int
        let column: String?
        let reason: String
        let raw: String
    }

    @Test func runningAgainAddsNothingAndExactDuplicatesCollapse() async throws {
        let folder = try Folder()
        let row = "u1,i1,1000,1,0.5,v,1,0,1\n"
        try folder.write("log.csv", header + row + "u2,i1,1000,1,0.5,v,1,1,1\n" + row + row)
        let sink = RecordingSink()
        let first = try await folder.run(log, into: sink, batchRows: 2)
        #expect(first.tables[0].outcome[.impressions] == ImportCount(inserted: 2, duplicates: 2))
        #expect(first.tables[0].outcome[.events] == ImportCount(inserted: 3, duplicates: 2))
        let second = try await folder.run(log, into: sink, batchRows: 3)
        #expect(second.total(\.inserted) == 0)
        #expect(second.total(\.duplicates) == 9)
        #expect(await sink.impressions.count == 2)
    }

    @Test func identifiersHangOnContentAlone() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + "u1,i1,1000,1,0.5,v,1,0,1\n")
        let plain = RecordingSink()
        _ = try await folder.run(log, into: plain)
        // Quotes, line ends and compression are form, not content.
        try FileManager.default.removeItem(at: folder.file("log.csv"))
        try folder.writeGzip("log.csv.gz", header + "\"u1\",i1,1000,1,0.5,v,\"1\",0,1\r\n")
        let quoted = RecordingSink()
        _ = try await folder.run(log, into: quoted)
        #expect(await plain.impressions == quoted.impressions)
        let other = RecordingSink()
        _ = try await folder.run(log.replacing("name: log", with: "name: other"), into: other)
        #expect(await Set(other.impressions.keys).isDisjoint(with: quoted.impressions.keys))
    }

    @Test func noRejectsFileWithoutRejects() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + "u1,i1,1000,1,0.5,v,1,0,1\n")
        try folder.write("rejects.ndjson", "of an earlier run")
        _ = try await folder.run(log, into: RecordingSink())
        #expect(!FileManager.default.fileExists(atPath: folder.file("rejects.ndjson").path))
    }

    @Test func aMissingColumnStopsBeforeAnyRow() async throws {
        let folder = try Folder()
        try folder.write("log.csv", "user,item,at\nu,i,1\n")
        let sink = RecordingSink()
        await #expect(
            throws: DataError.unknownColumns(
                file: "log.csv", table: "log", columns: ["place", "visit", "chance", "clicked", "seconds", "liked"],
                present: ["user", "item", "at"])
        ) {
            _ = try await folder.run(log, into: sink)
        }
        #expect(await sink.batches == 0)
    }

    @Test func aColumnThatIsThereTwiceIsAnError() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header.replacing("visit", with: "user") + "u,i,1,1,1,u,1,1,1\n")
        await #expect(throws: DataError.ambiguousColumn(file: "log.csv", column: "user")) {
            _ = try await folder.run(log.replacing("session: visit", with: "session: user"), into: RecordingSink())
        }
    }

    @Test func emptyMissingAndHeaderOnlyFiles() async throws {
        let folder = try Folder()
        await #expect(throws: DataError.noFile(pattern: "log.csv", directory: folder.url.path, present: [])) {
            _ = try await folder.run(log, into: RecordingSink())
        }
        try folder.write("log.csv", "")
        await #expect(throws: DataError.emptyFile(file: "log.csv")) {
            _ = try await folder.run(log, into: RecordingSink())
        }
        try folder.write("log.csv", header)
        let report = try await folder.run(log, into: RecordingSink())
        #expect(report.warnings == ["log.csv: holds no rows"])
        #expect(report.total(\.rowsRead) == 0)
        try FileManager.default.removeItem(at: folder.file("log.csv"))
        let optional = log.replacing("format: csv", with: "format: csv\n    optional: true")
        #expect(try await folder.run(optional, into: RecordingSink()).warnings.count == 1)
    }

    @Test func aTableOfBadRowsOnlyStops() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + String(repeating: "u,i,never,1,1,v,1,1,1\n", count: 1500))
        let error = await #expect(throws: DataError.self) {
            _ = try await folder.run(log, into: RecordingSink(), batchRows: 100)
        }
        guard case .everyRowRejected("log", "log.csv", 1000, let reasons)? = error else {
            Issue.record("wrong error \(String(describing: error))")
            return
        }
        #expect(reasons.count == 3)
        #expect(reasons[0].contains("line 2") && reasons[0].contains("never"))
    }

    @Test func aTruncatedFileNamesItsPlaceAndKeepsWhatCameBefore() async throws {
        let folder = try Folder()
        var random = SeededRandom(seed: 5)
        let rows = (0..<10_000).map { "u\(random.below(1000)),i\($0),1000,1,0.5,v,\(random.below(2)),0,1\n" }
        let whole = try Data(contentsOf: folder.writeGzip("whole.gz", header + rows.joined()))
        try whole.prefix(whole.count - 100).write(to: folder.file("log.csv.gz"))
        let sink = RecordingSink()
        await #expect(throws: DataError.truncatedGzip(file: "log.csv.gz", position: whole.count - 100)) {
            _ = try await folder.run(log, into: sink, batchRows: 2000)
        }
        #expect(await sink.impressions.count >= 2000)
    }

    @Test func anErrorOfTheSinkEndsTheRun() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + (0..<100).map { "u,i\($0),1,1,1,v,1,1,1\n" }.joined())
        let sink = RecordingSink(failsAtBatch: 3)
        await #expect(throws: RecordingSink.Failure.self) { _ = try await folder.run(log, into: sink, batchRows: 5) }
        // What was killed is run again.
        let report = try await folder.run(log, into: sink, batchRows: 5)
        #expect(await sink.impressions.count == 100)
        #expect(report.tables[0].outcome[.impressions] == ImportCount(inserted: 90, duplicates: 10))
    }

    @Test func aCancelledRunEnds() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + (0..<50_000).map { "u,i\($0),1,1,1,v,1,1,1\n" }.joined())
        let mapping = try DatasetMapping.parse(log, file: "m")
        let task = Task {
            try await ImportRun(mapping: mapping, directory: folder.url, sink: RecordingSink(), batchRows: 1).run()
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func progressGrowsToTheEnd() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + (0..<100).map { "u,i\($0),1,1,1,v,1,1,1\n" }.joined())
        let seen = ProgressLog()
        _ = try await folder.run(log, into: RecordingSink(), batchRows: 10) { seen.add($0) }
        let all = seen.all
        #expect(all.last?.rows == 100)
        #expect(all.last?.fraction == 1)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.rows <= $1.rows && $0.bytesRead <= $1.bytesRead })
    }

    @Test func validateWritesNothingAndCountsTheSame() async throws {
        let folder = try Folder()
        try folder.write("log.csv", header + "u1,i1,1000,1,0.5,v,1,0,1\nu2,,1,1,1,v,1,1,1\n")
        let mapping = try DatasetMapping.parse(log, file: "m")
        let report = try await ImportRun.validate(
            mapping: mapping, directory: folder.url, rejects: folder.file("r.ndjson"))
        #expect(report.total(\.rowsRead) == 2)
        #expect(report.total(\.rejected) == 1)
        #expect(try folder.text("r.ndjson").contains("\"line\":3"))
    }
}
