import CascadeCore
import CascadeModels
import Foundation

/// A file of columns: a header of JSON, then columns of numbers one behind another.
///
/// Little-endian: a magic word, the length of the header and its checksum, the header, then for each column its length in bytes, the checksum of its
/// bytes, its bytes, and zeros up to the next multiple of 8. What is read is checked against lengths and checksums, so a file that was
/// cut short or altered is told.
struct ColumnFileWriter {
    static let magic: UInt64 = 0x3330_4C4F_4345_5343

    /// Bytes that are written at a time.
    private static let part = 8 << 20

    private let path: String
    private let file: FileHandle

    /// Makes the file and writes its header.
    init(_ path: String, header: some Encodable) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw ModelError.unwritable(file: path, reason: "it cannot be made")
        }
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let json = try JSONEncoder().encode(header)
        var start = Data()
        for word in [Self.magic, UInt64(json.count), json.withUnsafeBytes(ColumnChecksum.of)] {
            withUnsafeBytes(of: word.littleEndian) { start.append(contentsOf: $0) }
        }
        try put(start + json + Data(count: Self.padding(json.count)))
    }

    /// Appends a column of numbers or flags as they lie in memory.
    func column<Number>(_ values: Column<Number>) throws {
        try values.withUnsafeBufferPointer { values throws in
            let bytes = UnsafeRawBufferPointer(values)
            var start = Data()
            for word in [UInt64(bytes.count), ColumnChecksum.of(bytes)] {
                withUnsafeBytes(of: word.littleEndian) { start.append(contentsOf: $0) }
            }
            try put(start)
            for part in stride(from: 0, to: bytes.count, by: Self.part) {
                try put(Data(bytes[part..<min(bytes.count, part + Self.part)]))
            }
            try put(Data(count: Self.padding(bytes.count)))
        }
    }

    /// Ends the file; all of it is on the disk then.
    func close() throws {
        do {
            try file.synchronize()
            try file.close()
        } catch {
            throw ModelError.unwritable(file: path, reason: error.localizedDescription)
        }
    }

    private func put(_ data: Data) throws {
        do { try file.write(contentsOf: data) } catch {
            throw ModelError.unwritable(file: path, reason: error.localizedDescription)
        }
    }

    static func padding(_ count: Int) -> Int { (8 - count % 8) % 8 }
}
