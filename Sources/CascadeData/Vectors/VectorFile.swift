import CascadeCore
import Foundation

/// A matrix of content vectors in a mapped file.
struct VectorFile: Sendable {
    /// What messages call it.
    let name: String
    let layout: MatrixLayout
    private let data: Data

    /// Maps the file at `path` and checks its header; `tensor` chooses one of a `.safetensors` file.
    init(path: String, name: String, tensor: String?) throws(DataError) {
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw .unreadable(file: name, reason: error.localizedDescription)
        }
        guard !data.isEmpty else { throw .emptyFile(file: name) }
        self.name = name
        let isSafetensors = name.hasSuffix(".safetensors")
        if !isSafetensors, tensor != nil {
            throw .badVectors(file: name, reason: "'tensor' belongs to .safetensors files: take it out of the mapping")
        }
        // A typed error does not leave the closure of a mapped file.
        let read: Result<MatrixLayout, DataError> = data.withUnsafeBytes { bytes in
            Result { () throws(DataError) in
                isSafetensors
                    ? try SafetensorsHeader(bytes, file: name).layout(of: tensor, size: bytes.count, file: name)
                    : try NPYHeader(bytes, file: name).layout(size: bytes.count, file: name)
            }
        }
        layout = try read.get()
    }

    var bytes: Int { data.count }

    /// The numbers of a row.
    func row(_ row: Int) -> [Float] {
        data.withUnsafeBytes { bytes in
            let start = layout.start + row * layout.rowBytes
            return (0..<layout.columns).map { layout.number.read(bytes, at: start + $0 * layout.number.bytes) }
        }
    }
}
