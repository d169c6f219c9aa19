import CascadeCore
import CascadeModels
import CascadeStorage
import Foundation

/// Writes one kind of data out of an open session.
struct ExportRun: Sendable {
    let session: Session
    let path: String

    /// A table as NDJSON; gives its rows.
    func table(_ table: ExportedTable, _ period: Period) async throws -> Int {
        try await writing { file in
            try await session.storage.export(table, in: period) { line in
                try file.write(line)
                try file.write("\n")
            }
        }
    }

    /// What a training run over the period reads; gives its rows.
    func training(_ period: Period, _ form: TrainingRowText) async throws -> Int {
        try await writing { file in
            if form == .csv { try file.write(TrainingRowText.header) }
            return try await session.storage.exportTraining(in: period) { row in try file.write(try form.line(row)) }
        }
    }

    /// The item vectors of a release, with the identifiers beside; gives rows and columns.
    func embeddings(_ release: Release) async throws -> (rows: Int, columns: Int) {
        let compute = ComputePool(threads: 1, name: "export")
        defer { compute.shutdown() }
        let (path, artifacts) = (path, session.artifacts)
        return try await compute.run { _ in
            try EmbeddingFiles.write(try artifacts.bundle(of: release), release: release.id, to: path)
        }
    }

    private func writing(_ body: (ExportFile) async throws -> Int) async throws -> Int {
        let file = try ExportFile(path)
        do {
            let rows = try await body(file)
            try file.finish()
            return rows
        } catch {
            file.abandon()
            throw error
        }
    }
}
