import CascadeCore
import CascadeModels
import Foundation

/// Reads what `ColumnFileWriter` wrote, column by column in the same order; numbers stay in the mapped file.
struct ColumnFileReader {
    private let path: String
    private let mapping: FileMapping
    private let place: ColumnPlace
    private var position = 24

    /// Maps the file and reads its header.
    ///
    /// - Parameter place: where columns are once somebody writes to them, and what is made of them.
    /// - Throws: `ModelError.corruptArtifact` naming the file where it is missing or not whole.
    init<Header: Decodable>(_ path: String, header: inout Header, at place: ColumnPlace = .memory) throws {
        self.path = path
        self.place = place
        guard let mapping = FileMapping(path: path) else {
            throw ModelError.corruptArtifact(file: path, reason: "the file is missing or unreadable")
        }
        self.mapping = mapping
        guard mapping.bytes.count >= 24, word(at: 0) == ColumnFileWriter.magic else {
            throw ModelError.corruptArtifact(file: path, reason: "it holds no columns")
        }
        let json = try take(word(at: 8))
        guard ColumnChecksum.of(UnsafeRawBufferPointer(rebasing: mapping.bytes[json])) == word(at: 16) else {
            throw ModelError.corruptArtifact(file: path, reason: "its header has another checksum")
        }
        guard let read = try? JSONDecoder().decode(Header.self, from: Data(mapping.bytes[json])) else {
            throw ModelError.corruptArtifact(file: path, reason: "its header is not readable")
        }
        header = read
    }

    /// The next column.
    mutating func column<Number>(_ type: Number.Type) throws -> Column<Number> {
        guard position + 16 <= mapping.bytes.count else { throw cutShort }
        let (length, checksum) = (word(at: position), word(at: position + 8))
        position += 16
        let bytes = try take(length)
        guard bytes.count % MemoryLayout<Number>.stride == 0 else {
            throw ModelError.corruptArtifact(file: path, reason: "a column has another width")
        }
        guard ColumnChecksum.of(UnsafeRawBufferPointer(rebasing: mapping.bytes[bytes])) == checksum else {
            throw ModelError.corruptArtifact(file: path, reason: "a column has another checksum")
        }
        return Column(
            mapping, offset: bytes.lowerBound, count: bytes.count / MemoryLayout<Number>.stride, at: place)
    }

    private mutating func take(_ length: UInt64) throws -> Range<Int> {
        guard position <= mapping.bytes.count, length <= UInt64(mapping.bytes.count - position) else { throw cutShort }
        let start = position
        position += Int(length) + ColumnFileWriter.padding(Int(length))
        return start..<(start + Int(length))
    }

    private var cutShort: ModelError { .corruptArtifact(file: path, reason: "it was cut short") }

    private func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: mapping.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
