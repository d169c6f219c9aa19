import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A float32 tensor to write: `base` must stay valid until the write returns.
package struct CheckpointTensor {
    /// Unique within the file.
    package let name: String
    /// Extents, the last one contiguous.
    package let shape: [Int]
    /// The numbers, row-major.
    package let base: UnsafePointer<Float>

    /// A tensor of `shape` at `base`.
    package init(name: String, shape: [Int], base: UnsafePointer<Float>) {
        self.name = name
        self.shape = shape
        self.base = base
    }

    var count: Int { shape.reduce(1, *) }
}

/// Writes safetensors files: an 8-byte little-endian header length, a JSON header, the data.
///
/// Each tensor begins at a multiple of 64 bytes of the file: the header is padded with spaces, and short gaps between
/// tensors hold zeros under names that begin with `__pad`, since the format allows no holes.
package enum CheckpointWriter {
    /// Writes to a temporary file beside `path`, flushes it to the disk and renames it, so that a crash leaves the old
    /// file or the new one.
    package static func write(
        _ tensors: [CheckpointTensor], metadata: [String: String], to path: String
    ) throws(NNError) {
        let (header, paddings) = try layout(tensors, metadata, path)
        let temporary = "\(path).\(getpid()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        do throws(NNError) {
            defer { close(descriptor) }
            try writeAll(descriptor, header.withUnsafeBytes { Array($0) }, path)
            let zeros = [UInt8](repeating: 0, count: 64)
            for (tensor, padding) in zip(tensors, paddings) {
                try writeAll(descriptor, UnsafeRawBufferPointer(start: tensor.base, count: tensor.count * 4), path)
                try writeAll(descriptor, Array(zeros.prefix(padding)), path)
            }
            guard fsync(descriptor) == 0 else { throw failure(path, "cannot be flushed") }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure(path, "cannot be renamed into place")
            unlink(temporary)
            throw error
        }
        syncDirectory(of: path)
    }

    private static func layout(
        _ tensors: [CheckpointTensor], _ metadata: [String: String], _ path: String
    ) throws(NNError) -> (header: Data, paddings: [Int]) {
        var entries: [String: Any] = [:]
        var paddings: [Int] = []
        var offset = 0
        for (number, tensor) in tensors.enumerated() {
            let end = offset + tensor.count * 4
            entries[tensor.name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [offset, end]]
            let padding = number == tensors.count - 1 ? 0 : (64 - end % 64) % 64
            if padding > 0 {
                entries["__pad.\(number)"] = ["dtype": "U8", "shape": [padding], "data_offsets": [end, end + padding]]
            }
            paddings.append(padding)
            offset = end + padding
        }
        if !metadata.isEmpty { entries["__metadata__"] = metadata }
        guard
            var header = try? JSONSerialization.data(
                withJSONObject: entries, options: [.sortedKeys, .withoutEscapingSlashes])
        else { throw .checkpoint(file: path, tensor: nil, detail: "the header cannot be written as JSON") }
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (64 - (header.count + 8) % 64) % 64))
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        return (length + header, paddings)
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], _ path: String) throws(NNError) {
        var failed: NNError?
        bytes.withUnsafeBytes { buffer in
            do throws(NNError) { try writeAll(descriptor, buffer, path) } catch { failed = error }
        }
        if let failed { throw failed }
    }

    private static func writeAll(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String
    ) throws(NNError) {
        var done = 0
        while done < bytes.count {
            let written = Glibc.write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure(path, "cannot be written") }
            done += written
        }
    }

    private static func syncDirectory(of path: String) {
        let directory = (path as NSString).deletingLastPathComponent
        let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ path: String, _ what: String) -> NNError {
        .checkpoint(file: path, tensor: nil, detail: "\(what): \(String(cString: strerror(errno)))")
    }
}
