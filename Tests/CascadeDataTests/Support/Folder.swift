import Foundation

@testable import CascadeData

/// A folder of its own for one test, removed with its owner.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("cascade-data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> URL {
        let target = file(name)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
        return target
    }

    @discardableResult
    func writeGzip(_ name: String, _ text: String) throws -> URL {
        let writer = try GzipWriter(file(name))
        try writer.write(text)
        try writer.finish()
        return file(name)
    }

    func text(_ name: String) throws -> String { try String(contentsOf: file(name), encoding: .utf8) }

    /// Imports with the mapping `yaml`; rejects go to `rejects.ndjson`.
    func run(
        _ yaml: String, into sink: RecordingSink, batchRows: Int = 3,
        progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let mapping = try DatasetMapping.parse(yaml, file: "test.yaml")
        return try await ImportRun(
            mapping: mapping, directory: url, sink: sink, batchRows: batchRows, rejects: file("rejects.ndjson"),
            progress: progress
        ).run()
    }
}
