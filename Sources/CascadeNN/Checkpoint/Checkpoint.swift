import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// An open safetensors file, mapped read-only; tensors are used in place and pages are read when they are touched.
///
/// The header is checked completely when the file is opened: tensors lie inside the file, do not overlap, leave no
/// holes and have the length that their shape says.
package final class Checkpoint: @unchecked Sendable {  // why: immutable after init; the mapping is read-only
    private struct Entry {
        var shape: [Int]
        var offset: Int
    }

    /// The file's path as given.
    package let path: String
    /// The free text map of the file.
    package private(set) var metadata: [String: String] = [:]
    private var entries: [String: Entry] = [:]
    private let mapping: UnsafeMutableRawPointer
    private let length: Int
    private var dataStart = 0

    /// Maps and checks a file.
    package init(path: String) throws(NNError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .checkpoint(file: path, tensor: nil, detail: "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= 8 else {
            throw .checkpoint(file: path, tensor: nil, detail: "is too short for a tensor file; write it again")
        }
        length = Int(status.st_size)
        guard let base = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw .checkpoint(file: path, tensor: nil, detail: "cannot be mapped: \(String(cString: strerror(errno)))")
        }
        mapping = base
        try readHeader()
    }

    deinit {
        munmap(mapping, length)
    }

    /// Names of the float32 tensors.
    package var names: [String] { Array(entries.keys) }

    /// Shape of a tensor, or nil if there is none of that name.
    package func shape(_ name: String) -> [Int]? { entries[name]?.shape }

    /// A copy of a tensor.
    package func values(_ name: String) throws(NNError) -> [Float] {
        guard let entry = entries[name] else { throw missing(name) }
        return Array(UnsafeBufferPointer(start: try pointer(name, entry.shape), count: entry.shape.reduce(1, *)))
    }

    /// The tensor's data in the mapping; it must not be written to and lives as long as this object.
    func pointer(_ name: String, _ shape: [Int]) throws(NNError) -> UnsafeMutablePointer<Float> {
        guard let entry = entries[name] else { throw missing(name) }
        guard entry.shape == shape else {
            throw .checkpoint(
                file: path, tensor: name,
                detail: "has the shape \(entry.shape), expected \(shape); it was written by a different configuration")
        }
        return (mapping + dataStart + entry.offset).assumingMemoryBound(to: Float.self)
    }

    private func missing(_ name: String) -> NNError {
        .checkpoint(file: path, tensor: name, detail: "is not in the file")
    }

    // MARK: header

    private func readHeader() throws(NNError) {
        let size = UInt64(littleEndian: mapping.loadUnaligned(as: UInt64.self))
        guard size <= UInt64(length - 8) else { throw damaged(nil, "the header is longer than the file") }
        dataStart = 8 + Int(size)
        let json = Data(bytes: mapping + 8, count: Int(size))
        guard let header = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else {
            throw damaged(nil, "the header is not JSON")
        }
        var ranges: [(start: Int, end: Int, name: String)] = []
        for (name, value) in header {
            if name == "__metadata__" {
                guard let texts = value as? [String: String] else { throw damaged(nil, "the metadata are not texts") }
                metadata = texts
                continue
            }
            ranges.append(try readEntry(name, value))
        }
        try checkRanges(ranges.sorted { ($0.start, $0.end) < ($1.start, $1.end) })
    }

    private func readEntry(
        _ name: String, _ value: Any
    ) throws(NNError) -> (start: Int, end: Int, name: String) {
        guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
            let shape = fields["shape"] as? [Int], let range = fields["data_offsets"] as? [Int], range.count == 2,
            range[0] >= 0, range[1] >= range[0], shape.allSatisfy({ $0 >= 0 })
        else { throw damaged(name, "its header entry is malformed") }
        if name.hasPrefix("__pad") { return (range[0], range[1], name) }
        guard type == "F32" else { throw damaged(name, "has the type \(type); only F32 is read") }
        var bytes = 4
        for extent in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw damaged(name, "has an impossible shape \(shape)") }
            bytes = product
        }
        guard bytes == range[1] - range[0], (dataStart + range[0]) % 4 == 0 else {
            throw damaged(name, "has \(range[1] - range[0]) bytes, its shape \(shape) needs \(bytes)")
        }
        entries[name] = Entry(shape: shape, offset: range[0])
        return (range[0], range[1], name)
    }

    private func checkRanges(_ ranges: [(start: Int, end: Int, name: String)]) throws(NNError) {
        var position = 0
        for range in ranges {
            guard range.start == position else { throw damaged(range.name, "overlaps another tensor or leaves a hole") }
            position = range.end
        }
        guard dataStart + position == length else {
            throw damaged(
                ranges.last?.name, "the file has \(length) bytes, the header describes \(dataStart + position)")
        }
    }

    private func damaged(_ tensor: String?, _ what: String) -> NNError {
        .checkpoint(file: path, tensor: tensor, detail: "\(what); the file is damaged, use another copy")
    }
}
