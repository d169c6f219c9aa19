import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation

/// The item vectors of a release: a matrix of 32-bit floats in one file, the identifiers of its rows in another.
enum EmbeddingFiles {
    /// The tensor of a `.safetensors` file.
    static let tensor = "embeddings"

    /// The file beside `path` that names the rows: a JSON text a line, since identifiers may hold line ends.
    static func identifiers(of path: String) -> String { path + ".ids.ndjson" }

    /// Writes both files; the form of the matrix goes by the end of `path`, `.npy` or `.safetensors`. Gives rows and columns.
    static func write(_ bundle: ModelBundle, release: String, to path: String) throws -> (rows: Int, columns: Int) {
        let rows = bundle.rows.items.count
        let columns = bundle.retrieval.dimension
        if path.hasSuffix(".safetensors") {
            let vectors = try bundle.retrieval.itemVectors(rows: 0..<rows)
            try vectors.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                try CheckpointWriter.write(
                    [CheckpointTensor(name: tensor, shape: [rows, columns], base: base)],
                    metadata: ["release": release], to: path)
            }
        } else {
            try writeMatrix(bundle, rows: rows, columns: columns, to: path)
        }
        try writeIdentifiers(bundle, to: identifiers(of: path))
        return (rows, columns)
    }

    private static func writeMatrix(_ bundle: ModelBundle, rows: Int, columns: Int, to path: String) throws {
        let file = try ExportFile(path)
        do {
            try header(rows: rows, columns: columns).withUnsafeBytes { try file.write($0) }
            for start in stride(from: 0, to: rows, by: 4096) {
                let values = try bundle.retrieval.itemVectors(rows: start..<min(rows, start + 4096))
                try values.map(\.bitPattern.littleEndian).withUnsafeBytes { try file.write($0) }
            }
            try file.finish()
        } catch {
            file.abandon()
            throw error
        }
    }

    /// The header of NumPy's format, version 1.0, padded so that the data begins at a multiple of 64 bytes.
    static func header(rows: Int, columns: Int) -> Data {
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        var data = Data([0x93])
        data.append(contentsOf: "NUMPY".utf8)
        data.append(contentsOf: [1, 0, UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)])
        data.append(contentsOf: text.utf8)
        return data
    }

    private static func writeIdentifiers(_ bundle: ModelBundle, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        let file = try ExportFile(path)
        do {
            for item in bundle.rows.items {
                try file.write(String(decoding: try encoder.encode(item.id.rawValue), as: UTF8.self) + "\n")
            }
            try file.finish()
        } catch {
            file.abandon()
            throw error
        }
    }
}
