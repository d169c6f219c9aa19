/// One row of a binary COPY TO STDOUT; its fields are read by position, from the bytes that came over the wire.
///
/// Reused for every row and valid only inside the closure that receives it. Positions count from 0 and must exist.
package final class CopyOutRow {
    private var base = UnsafeRawPointer(bitPattern: 1)!
    private var offsets: UnsafeMutablePointer<Int32>
    private var lengths: UnsafeMutablePointer<Int32>
    private var capacity = 0

    /// The number of fields.
    package private(set) var count = 0

    init() {
        offsets = .allocate(capacity: 1)
        lengths = .allocate(capacity: 1)
    }

    deinit {
        offsets.deallocate()
        lengths.deallocate()
    }

    /// Finds the fields of the row that starts at `position` and moves it behind them; nil at the trailer.
    func parse(_ message: UnsafeRawBufferPointer, _ position: inout Int) throws(PostgresError) -> Bool {
        guard let start = message.baseAddress, position + 2 <= message.count else { throw Self.truncated }
        let fields = Int(Int16(bigEndian: start.loadUnaligned(fromByteOffset: position, as: Int16.self)))
        position += 2
        if fields < 0 { return false }
        if fields > capacity { reserve(fields) }
        base = start
        count = fields
        for index in 0..<fields {
            guard position + 4 <= message.count else { throw Self.truncated }
            let length = Int32(bigEndian: start.loadUnaligned(fromByteOffset: position, as: Int32.self))
            position += 4
            offsets[index] = Int32(position)
            lengths[index] = length
            position += Int(max(0, length))
        }
        guard position <= message.count else { throw Self.truncated }
        return true
    }

    private static let truncated = PostgresError.copy("a row came in pieces; connect to the server without a proxy")

    private func reserve(_ fields: Int) {
        offsets.deallocate()
        lengths.deallocate()
        offsets = .allocate(capacity: fields)
        lengths = .allocate(capacity: fields)
        capacity = fields
    }

    /// Whether the field is NULL.
    @inline(__always)
    package func isNull(_ position: Int) -> Bool { position < count && lengths[position] < 0 }

    /// The bytes of a field that must not be NULL.
    package func bytes(_ position: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        try field(position, "a value")
    }

    @inline(__always)
    func field(_ position: Int, _ expected: StaticString) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard position >= 0, position < count else {
            throw .unknownColumn(name: "#\(position)", available: (0..<count).map { "#\($0)" })
        }
        let length = lengths[position]
        if length < 0 { throw .unexpectedNull(column: "#\(position)", expected: "\(expected)") }
        return UnsafeRawBufferPointer(start: base + Int(offsets[position]), count: Int(length))
    }

    func mismatch(_ position: Int, _ expected: StaticString) -> PostgresError {
        // The binary format carries no types, only lengths.
        .decoding(
            column: "#\(position)", expected: "\(expected)", typeOID: 0, reason: "it has \(lengths[position]) bytes")
    }
}
