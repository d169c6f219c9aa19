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
        #expect(await sink.vectorDefinitions == [VectorDefinition(name: "image", width: 2)])
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

    @Test func aFileOfBadRowsOnlyStopsTheImport() async throws {
        let folder = try folder("a\nb\n", rows: [[.nan, 2], [.nan, 4]])
        await #expect(throws: DataError.self) { try await folder.run(mapping, into: RecordingSink()) }
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
