import CascadeConfig
import CascadeCore
import Foundation
import Testing

@testable import CascadeData

@Suite struct VectorImportTests {
    private let mapping = """
        dataset: d
        tables:
          - { name: items, file: items.csv, format: csv, item: { id: item } }
        vectors:
          - { name: image, file: image.npy, ids: image_ids.txt }
        """

    private func folder(_ ids: String, rows: [[Float]]) throws -> Folder {
        let folder = try Folder()
        try folder.write("items.csv", "item\na\nb\nc\n")
        try folder.write("image_ids.txt", ids)
        try MatrixBytes.npy(
            shape: "(\(rows.count), \(rows.first?.count ?? 2))", numbers: MatrixBytes.floats(rows.flatMap(\.self))
        ).write(to: folder.file("image.npy"))
        return folder
    }

    @Test func rowsBecomeVectorsOfItems() async throws {
        let folder = try folder("a\r\nb\nunknown\nc", rows: [[1, 2], [3, 4], [5, 6], [7, 8]])
        let sink = RecordingSink()
        let report = try await folder.run(mapping, into: sink)
        #expect(await sink.declaredVectors == [VectorDefinition(name: "image", width: 2)])
        #expect(await sink.vectors == [["image", "a"]: [1, 2], ["image", "b"]: [3, 4], ["image", "c"]: [7, 8]])
        #expect(report.tables.map(\.table) == ["items", "vectors image"])
        #expect(report.tables[1].rowsRead == 4)
        #expect(report.tables[1].outcome[.vectors] == ImportCount(inserted: 3))
        #expect(report.warnings.contains { $0.contains("1 rows are of items that are not in the catalog") })
        let again = try await folder.run(mapping, into: sink)
        #expect(again.tables[1].outcome[.vectors] == ImportCount(duplicates: 3))
    }

    @Test func badRowsAreRejectedAndTheRestLoads() async throws {
        let folder = try folder(
            "a\n\nb\nc\n", rows: [[1, .nan], [3, 4], [.infinity, 6], [7, 8]])
        let sink = RecordingSink()
        let report = try await folder.run(mapping, into: sink)
        #expect(await sink.vectors == [["image", "c"]: [7, 8]])
        #expect(report.tables[1].rejected == 3)
        let rejects = try folder.text("rejects.ndjson").split(separator: "\n")
        #expect(rejects.count == 3)
        for (line, parts) in zip(rejects, [["\"line\":1", "nan"], ["\"line\":2", "0 bytes"], ["\"line\":3", "inf"]]) {
            for part in ["image.npy"] + parts { #expect(line.contains(part), "\(line)") }
        }
    }

    @Test func nothingIsWrittenWhereRowsAndIdentifiersDiffer() async throws {
        let folder = try folder("a\nb\n", rows: [[1, 2], [3, 4], [5, 6]])
        let sink = RecordingSink()
        await #expect {
            try await folder.run(mapping, into: sink)
        } throws: {
            "\($0)".contains("image.npy: it has 3 rows, but image_ids.txt has 2 lines")
        }
        #expect(await sink.batches == 0)
    }

    @Test(arguments: [2, 999, 1000, 1500]) func aFileOfBadRowsOnlyStopsTheImport(rows: Int) async throws {
        let folder = try folder(
            (0..<rows).map { "i\($0)\n" }.joined(), rows: (0..<rows).map { [Float($0), .nan] })
        await #expect {
            try await folder.run(mapping, into: RecordingSink())
        } throws: { error in
            guard case DataError.everyRowRejected("vectors image", "image.npy", let bad, let reasons) = error else {
                return false
            }
            return bad == min(rows, 1000) && reasons.count == min(rows, 3)
                && reasons[0] == "row 1: number 1 of the vector is nan, which is not finite"
        }
        #expect(try folder.text("rejects.ndjson").split(separator: "\n").count == min(rows, 1000))
    }

    @Test func oneGoodRowAmongTheFirstKeepsTheImportGoing() async throws {
        let rows = (0..<1200).map { [Float($0), $0 == 500 ? 0 : Float.nan] }
        let folder = try folder((0..<1200).map { $0 == 500 ? "a\n" : "i\($0)\n" }.joined(), rows: rows)
        let sink = RecordingSink()
        #expect(try await folder.run(mapping, into: sink).tables[1].rejected == 1199)
        #expect(await sink.vectors == [["image", "a"]: [500, 0]])
    }

    @Test func vectorsOfAnotherWidthAreRefusedByFileAndEntry() async throws {
        let folder = try folder("a\nb\n", rows: [[1, 2], [3, 4]])
        let declared = [VectorDefinition(name: "image", width: 5), VectorDefinition(name: "text", width: 2)]
        let sink = RecordingSink(declaredVectors: declared)
        await #expect {
            try await folder.run(mapping, into: sink)
        } throws: { error in
            ["image.npy", "have 2 columns", "'image' in the database have 5", "in the mapping", "cascade train"]
                .allSatisfy { "\(error)".contains($0) }
        }
        #expect(await sink.batches == 0)
        #expect(await sink.declaredVectors == declared)
        let same = RecordingSink(declaredVectors: [VectorDefinition(name: "image", width: 2)])
        #expect(try await folder.run(mapping, into: same).tables[1].outcome[.vectors] == ImportCount(inserted: 2))
    }

    @Test func aByteOrderMarkIsNoPartOfAnIdentifier() async throws {
        let folder = try folder("\u{FEFF}a\nb\n", rows: [[1, 2], [3, 4]])
        let sink = RecordingSink()
        #expect(try await folder.run(mapping, into: sink).warnings.isEmpty)
        #expect(await sink.vectors == [["image", "a"]: [1, 2], ["image", "b"]: [3, 4]])
        try FileManager.default.removeItem(at: folder.file("image_ids.txt"))
        try folder.writeGzip("image_ids.txt", "\u{FEFF}a\nb\n")
        #expect(try await folder.run(mapping, into: sink).tables[1].outcome[.vectors] == ImportCount(duplicates: 2))
    }

    @Test(arguments: [String.Encoding.utf16, .utf16BigEndian]) func identifiersInUTF16AreRefused(
        encoding: String.Encoding
    ) async throws {
        let folder = try folder("", rows: [[1, 2]])
        let text = encoding == .utf16BigEndian ? "\u{FEFF}a\n" : "a\n"
        try #require(text.data(using: encoding)).write(to: folder.file("image_ids.txt"))
        let sink = RecordingSink()
        await #expect(throws: DataError.wrongEncoding(file: "image_ids.txt", encoding: "UTF-16")) {
            try await folder.run(mapping, into: sink)
        }
        #expect(await sink.batches == 0)
    }

    @Test func missingFilesAreNamedUnlessOptional() async throws {
        let folder = try folder("a\n", rows: [[1, 2]])
        try FileManager.default.removeItem(at: folder.file("image.npy"))
        await #expect {
            try await folder.run(mapping, into: RecordingSink())
        } throws: {
            "\($0)".contains("image.npy")
        }
        let optional = mapping.replacingOccurrences(
            of: "ids: image_ids.txt", with: "ids: image_ids.txt, optional: true")
        let report = try await folder.run(optional, into: RecordingSink())
        #expect(report.warnings.contains { $0.contains("vectors 'image': no file image.npy") })
    }

    @Test(arguments: [
        ("name: image", "name: 'im age'", "no name of vectors"), ("image.npy", "image.csv", ".npy or .safetensors"),
        ("ids: image_ids.txt", "ids: ''", "'ids' is empty"),
        ("ids: image_ids.txt", "ids: image_ids.txt, tensor: t", "'tensor' belongs to .safetensors files"),
        ("ids: image_ids.txt", "ids: image_ids.txt, format: f", "format"),
        ("vectors:", "vectors:\n  - { name: image, file: b.npy, ids: b }", "are there twice"),
    ]) func badMappingsAreRefused(old: String, new: String, reason: String) {
        let text = mapping.replacingOccurrences(of: old, with: new)
        #expect { try DatasetMapping.parse(text, file: "m.yaml") } throws: { "\($0)".contains(reason) }
    }
}
