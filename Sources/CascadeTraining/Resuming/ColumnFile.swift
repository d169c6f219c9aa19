import CascadeModels
import Foundation

/// A file of columns: a header of JSON, then columns of numbers one behind another.
///
/// Little-endian: a magic word, the length of the header, the header, then for each column its length in bytes, its bytes, and
/// zeros up to the next multiple of 8. What is read is checked against the lengths, so a file that was cut short is told.
struct ColumnFileWriter {
    static let magic: UInt64 = 0x3130_4C4F_4345_5343

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
        for word in [Self.magic, UInt64(json.count)] {
            withUnsafeBytes(of: word.littleEndian) { start.append(contentsOf: $0) }
        }
        try put(start + json + Data(count: Self.padding(json.count)))
    }

    /// Appends a column of numbers or flags as they lie in memory.
    func column<Number>(_ values: [Number]) throws {
        let bytes = values.withUnsafeBytes { Data($0) }
        var length = Data()
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { length.append(contentsOf: $0) }
        try put(length)
        try put(bytes)
        try put(Data(count: Self.padding(bytes.count)))
    }

    func close() throws { try file.close() }

    private func put(_ data: Data) throws {
        do { try file.write(contentsOf: data) } catch {
            throw ModelError.unwritable(file: path, reason: error.localizedDescription)
        }
    }

    static func padding(_ count: Int) -> Int { (8 - count % 8) % 8 }
}

/// Reads what `ColumnFileWriter` wrote, column by column in the same order.
struct ColumnFileReader {
    private let path: String
    private let data: Data
    private var position = 16

    /// Maps the file and reads its header.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file where it is missing or not whole.
    init<Header: Decodable>(_ path: String, header: inout Header) throws {
        self.path = path
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw ModelError.corruptArtifact(file: path, reason: "the file is missing or unreadable")
        }
        self.data = data
        guard data.count >= 16, Self.word(data, 0) == ColumnFileWriter.magic else {
            throw ModelError.corruptArtifact(file: path, reason: "it holds no columns")
        }
        let json = try take(Self.word(data, 8))
        guard let read = try? JSONDecoder().decode(Header.self, from: json) else {
            throw ModelError.corruptArtifact(file: path, reason: "its header is not readable")
        }
        header = read
    }

    /// The next column.
    mutating func column<Number>(_ type: Number.Type) throws -> [Number] {
        guard position + 8 <= data.count else { throw cutShort }
        let length = Self.word(data, position)
        position += 8
        let bytes = try take(length)
        guard bytes.count % MemoryLayout<Number>.stride == 0 else {
            throw ModelError.corruptArtifact(file: path, reason: "a column has another width")
        }
        let count = bytes.count / MemoryLayout<Number>.stride
        return [Number](unsafeUninitializedCapacity: count) { target, filled in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
            filled = count
        }
    }

    private mutating func take(_ length: UInt64) throws -> Data {
        guard length <= UInt64(data.count - position) else { throw cutShort }
        let start = position
        position += Int(length)
        let bytes = data[start..<position]
        position += ColumnFileWriter.padding(Int(length))
        return bytes
    }

    private var cutShort: ModelError { .corruptArtifact(file: path, reason: "it was cut short") }

    private static func word(_ data: Data, _ offset: Int) -> UInt64 {
        data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
}
