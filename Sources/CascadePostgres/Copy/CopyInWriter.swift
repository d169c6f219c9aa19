/// Encodes the rows of one COPY: a call a field in the order of the columns, then `endRow`.
///
///     try session.copyIn(table: "events", columns: ["user_id", "item_id", "occurred_at"]) { row in
///         for event in events {
///             row.text(event.user)
///             row.text(event.item)
///             row.timestamp(microseconds: event.time)
///             try row.endRow()
///         }
///     }
///
/// A field that does not fit its column is reported by `endRow`. Valid only inside the producer.
package final class CopyInWriter {
    private let columns: [CopyColumn]
    let isBinary: Bool
    var buffer = ByteBuffer(capacity: 96 << 10)
    private var field = 0
    private var failure: PostgresError?
    private let send: (UnsafeRawBufferPointer) throws(PostgresError) -> Void

    /// Rows ended so far.
    package private(set) var rowCount = 0

    /// Enough bytes for one message, few enough to stay in the cache.
    private static let messageSize = 64 << 10

    init(
        columns: [CopyColumn], format: CopyFormat,
        send: @escaping (UnsafeRawBufferPointer) throws(PostgresError) -> Void
    ) {
        self.columns = columns
        isBinary = format == .binary
        self.send = send
        if isBinary {
            buffer.append(text: "PGCOPY\n")
            for byte: UInt8 in [0xFF, 0x0D, 0x0A, 0x00] { buffer.append(byte) }
            buffer.append(bigEndian: Int32(0))
            buffer.append(bigEndian: Int32(0))
        }
    }

    /// Ends a row; throws when its fields do not fit the columns, or the connection's error when rows cannot be sent.
    package func endRow() throws(PostgresError) {
        if let failure { throw failure }
        if field != columns.count {
            throw .copy(
                "row \(rowCount + 1) has \(field) fields for \(columns.count) columns; write one field a column")
        }
        if !isBinary { buffer.append(UInt8(ascii: "\n")) }
        field = 0
        rowCount += 1
        if buffer.count >= Self.messageSize { try flush() }
    }

    func finish() throws(PostgresError) {
        if let failure { throw failure }
        if field != 0 { throw .copy("the last row was not ended; call endRow after each row") }
        if isBinary { buffer.append(bigEndian: Int16(-1)) }
        try flush()
    }

    private func flush() throws(PostgresError) {
        if buffer.count > 0 { try send(buffer.bytes) }
        buffer.removeAll()
    }

    /// Starts a field; gives the type of its column, nil for text or after the last column.
    @inline(__always)
    func beginField() -> PostgresType? {
        defer { field += 1 }
        if isBinary {
            if field == 0 { buffer.append(bigEndian: Int16(truncatingIfNeeded: columns.count)) }
        } else if field > 0 {
            buffer.append(UInt8(ascii: "\t"))
        }
        return field < columns.count ? columns[field].type : nil
    }

    /// Keeps the first thing that went wrong for `endRow`.
    func fail(_ reason: String) {
        guard failure == nil else { return }
        let name = columns.indices.contains(field - 1) ? columns[field - 1].name : "#\(field)"
        failure = .copy("row \(rowCount + 1), column \"\(name)\": \(reason)")
    }
}
