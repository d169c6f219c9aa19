/// The bound values of one statement in Postgres' binary format, as libpq wants them.
struct ParameterBuffer {
    private(set) var types: [UInt32] = []
    private(set) var lengths: [Int32] = []
    private var bytes: [UInt8] = []
    /// Where each value starts in `bytes`; -1 is NULL.
    private var offsets: [Int] = []

    init(_ values: [SQLValue]) throws(PostgresError) {
        types.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            types.append(value.type.rawValue)
            let start = bytes.count
            let isNull = try Self.encode(value, number: index + 1, into: &bytes)
            offsets.append(isNull ? -1 : start)
            lengths.append(Int32(bytes.count - start))
        }
        // An empty last value still needs an address inside the buffer.
        bytes.append(0)
        lengths.append(0)
    }

    var count: Int { types.count }

    /// Lends the arrays of pointers, lengths and formats (all binary), each of at least one element.
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Result
    ) -> Result {
        let formats = [Int32](repeating: 1, count: count + 1)
        return bytes.withUnsafeBufferPointer { raw in
            raw.withMemoryRebound(to: CChar.self) { raw in
                let base = raw.baseAddress
                var pointers = offsets.map { offset in offset < 0 ? nil : base.map { $0 + offset } }
                pointers.append(nil)
                return call(pointers, formats, body)
            }
        }
    }

    private func call<Result>(
        _ pointers: [UnsafePointer<CChar>?], _ formats: [Int32],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Result
    ) -> Result {
        // An array converts to a pointer to its first element for the length of the call.
        body(pointers, lengths, formats)
    }

    /// Appends a value's bytes; gives true for NULL.
    private static func encode(
        _ value: SQLValue, number: Int, into bytes: inout [UInt8]
    ) throws(PostgresError) -> Bool {
        switch value {
        case .null: return true
        case .text(let text): try append(text, number, &bytes)
        case .int(let value): appendBigEndian(value, &bytes)
        case .int32(let value): appendBigEndian(value, &bytes)
        case .double(let value): appendBigEndian(value.bitPattern, &bytes)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .timestamp(let value): appendBigEndian(value.binary, &bytes)
        case .json(let text):
            bytes.append(1)
            try append(text, number, &bytes)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .texts(let elements):
            appendArrayHeader(count: elements.count, type: .text, &bytes)
            for element in elements {
                appendBigEndian(Int32(element.utf8.count), &bytes)
                try append(element, number, &bytes)
            }
        case .ints(let elements):
            appendArrayHeader(count: elements.count, type: .int8, &bytes)
            for element in elements {
                appendBigEndian(Int32(8), &bytes)
                appendBigEndian(element, &bytes)
            }
        case .doubles(let elements):
            appendArrayHeader(count: elements.count, type: .float8, &bytes)
            for element in elements {
                appendBigEndian(Int32(8), &bytes)
                appendBigEndian(element.bitPattern, &bytes)
            }
        }
        return false
    }

    private static func append(_ text: String, _ number: Int, _ bytes: inout [UInt8]) throws(PostgresError) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if bytes[start...].contains(0) {
            throw .invalidValue("parameter $\(number) holds a NUL character, which text cannot; remove it")
        }
    }

    /// Dimensions, flags, element type, length and lower bound; an empty array has no dimension.
    private static func appendArrayHeader(count: Int, type: PostgresType, _ bytes: inout [UInt8]) {
        appendBigEndian(Int32(count == 0 ? 0 : 1), &bytes)
        appendBigEndian(Int32(0), &bytes)
        appendBigEndian(type.rawValue, &bytes)
        if count > 0 {
            appendBigEndian(Int32(count), &bytes)
            appendBigEndian(Int32(1), &bytes)
        }
    }

    private static func appendBigEndian(_ value: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
