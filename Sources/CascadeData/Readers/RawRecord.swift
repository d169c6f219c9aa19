import Foundation

/// The bytes of one field; they belong to the reader and are valid until its next record.
struct FieldBytes {
    enum Kind: UInt8 {
        case text
        /// Several texts with `FieldBytes.listSeparator` between them (a JSON list).
        case list
        /// No such member in this record, or JSON's null.
        case absent
        /// A JSON object as it stands in the file.
        case object
    }

    /// Stands between the texts of a list: the ASCII unit separator, which text does not hold.
    static let listSeparator: UInt8 = 0x1F

    let base: UnsafePointer<UInt8>
    let count: Int
    var kind: Kind = .text

    var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// The field as a text; invalid UTF-8 was refused before, with the row.
    var string: String { String(decoding: buffer, as: UTF8.self) }

    func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where base[index] != other[index] { return false }
        return true
    }
}

/// What is wrong with a row.
struct RowProblem: Error, Equatable {
    var column: String?
    var reason: String
}

/// One record of a table as its reader left it.
final class RawRecord {
    /// The fields in the order of the reader's columns.
    var fields: ContiguousArray<FieldBytes> = []
    /// The line on which the record starts, from 1.
    var line = 0
    /// The record as it stands in the file, without its line end.
    var raw = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// Whether `raw` rather than the fields identifies the record.
    var isIdentifiedByRaw = false
    /// Set where the record could not be read; its fields mean nothing then.
    var problem: RowProblem?

    /// The record's text for people, cut at `limit` bytes.
    func rawText(limit: Int = 2000) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: raw.prefix(limit)), as: UTF8.self)
    }

    /// Marks the record as bad where its bytes are no UTF-8 or hold a NUL, which no text column can keep.
    ///
    /// `hasHighBytes` false spares looking for bytes beyond ASCII; nil: nobody has looked.
    func checkText(hasHighBytes: Bool? = nil) {
        guard let base = raw.baseAddress else { return }
        if hasHighBytes ?? UTF8Check.hasHighBytes(raw), !UTF8Check.isValid(raw) {
            problem = RowProblem(column: nil, reason: "not valid UTF-8")
        } else if memchr(base, 0, raw.count) != nil {
            problem = RowProblem(column: nil, reason: "holds a NUL byte")
        }
    }
}

/// Gives the records of a file one by one.
protocol RecordReader: AnyObject {
    /// The names of the fields of every record.
    var columns: [String] { get }
    /// The present record.
    var record: RawRecord { get }
    /// How far the file has been read, in stored bytes.
    var storedBytesRead: Int { get }
    /// Goes to the next record; false at the end.
    func next() throws(DataError) -> Bool
}
