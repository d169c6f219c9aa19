import CascadeCore

@testable import CascadeData

/// Gives bytes of memory in pieces of random sizes.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private let largest: Int
    private var position = 0
    private var random: SeededRandom

    init(_ bytes: [UInt8], largest: Int = .max, seed: UInt64 = 0) {
        self.bytes = bytes
        self.largest = largest
        random = SeededRandom(seed: seed)
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    var storedBytesRead: Int { position }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws(DataError) -> Int {
        let limit = min(count, largest == .max ? count : 1 + random.below(largest), bytes.count - position)
        for offset in 0..<limit { target[offset] = bytes[position + offset] }
        position += limit
        return limit
    }
}

/// A record as a value, for comparing.
struct ReadRecord: Equatable, CustomStringConvertible {
    var line: Int
    var fields: [[UInt8]]
    var isBad: Bool
    var raw: [UInt8]

    var description: String {
        let shown = fields.map { String(decoding: $0, as: UTF8.self).debugDescription }
        let text = String(decoding: raw, as: UTF8.self).debugDescription
        return "\(line): \(isBad ? "BAD" : shown.joined(separator: "|")) <\(text)>"
    }
}

extension RecordReader {
    /// All records that are left.
    func all() throws -> [ReadRecord] {
        var result: [ReadRecord] = []
        while try next() {
            let isBad = record.problem != nil
            result.append(
                ReadRecord(
                    line: record.line, fields: isBad ? [] : record.fields.map { Array($0.buffer) }, isBad: isBad,
                    raw: Array(record.raw)))
        }
        return result
    }

    /// The texts of all records that are left; nil for a bad one, absent fields as "∅".
    func texts() throws -> [[String]?] {
        var result: [[String]?] = []
        while try next() {
            result.append(
                record.problem != nil ? nil : record.fields.map { $0.kind == .absent ? "∅" : $0.string })
        }
        return result
    }
}
