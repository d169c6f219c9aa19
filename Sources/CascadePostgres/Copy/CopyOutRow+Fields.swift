extension CopyOutRow {
    /// A whole number from `int2`, `int4` or `int8`.
    @inline(__always)
    package func int(_ position: Int) throws(PostgresError) -> Int {
        let bytes = try field(position, "Int")
        switch bytes.count {
        case 8: return Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case 4: return Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 2: return Int(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: throw mismatch(position, "Int")
        }
    }

    /// A floating-point number from `float4` or `float8`.
    @inline(__always)
    package func double(_ position: Int) throws(PostgresError) -> Double {
        let bytes = try field(position, "Double")
        switch bytes.count {
        case 8: return Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        case 4: return Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        default: throw mismatch(position, "Double")
        }
    }

    /// A floating-point number from `float4` or, rounded, from `float8`.
    @inline(__always)
    package func float(_ position: Int) throws(PostgresError) -> Float { Float(try double(position)) }

    /// A truth value.
    @inline(__always)
    package func bool(_ position: Int) throws(PostgresError) -> Bool {
        let bytes = try field(position, "Bool")
        if bytes.count != 1 { throw mismatch(position, "Bool") }
        return bytes[0] != 0
    }

    /// Microseconds since 1970-01-01 00:00 UTC from `timestamptz` or `timestamp`.
    @inline(__always)
    package func microseconds(_ position: Int) throws(PostgresError) -> Int64 {
        let bytes = try field(position, "a time")
        if bytes.count != 8 { throw mismatch(position, "a time") }
        return PostgresTimestamp(binary: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))).microseconds
    }

    /// The UTF-8 of a text, without copying it.
    @inline(__always)
    package func utf8(_ position: Int) throws(PostgresError) -> UnsafeRawBufferPointer { try field(position, "text") }

    /// A text.
    package func string(_ position: Int) throws(PostgresError) -> String {
        String(decoding: try field(position, "String"), as: UTF8.self)
    }

    /// The JSON text of a `jsonb` field.
    package func json(_ position: Int) throws(PostgresError) -> String {
        let bytes = try field(position, "jsonb")
        if bytes.first != 1 { throw mismatch(position, "jsonb") }
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    /// The texts of a `text[]` field; a NULL among them is an error.
    package func strings(_ position: Int) throws(PostgresError) -> [String] {
        var values: [String] = []
        try forEachElement(position) { values.append(String(decoding: $0, as: UTF8.self)) }
        return values
    }

    /// The whole numbers of an `int2[]`, `int4[]` or `int8[]` field.
    package func ints(_ position: Int) throws(PostgresError) -> [Int] {
        var values: [Int] = []
        try forEachElement(position) { bytes in
            var value = 0
            for byte in bytes { value = value << 8 | Int(byte) }
            // Sign extension of the narrower widths.
            let unused = 64 - 8 * bytes.count
            values.append((value << unused) >> unused)
        }
        return values
    }

    /// The numbers of a `float4[]` or `float8[]` field.
    package func doubles(_ position: Int) throws(PostgresError) -> [Double] {
        var values: [Double] = []
        try forEachElement(position) { bytes in
            if bytes.count == 8 {
                values.append(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
            } else if bytes.count == 4 {
                values.append(Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))))
            }
        }
        return values
    }

    /// Walks over an array of at most one dimension.
    private func forEachElement(
        _ position: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(PostgresError) {
        let bytes = try field(position, "an array")
        func word(_ offset: Int) -> Int {
            Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
        guard bytes.count >= 12, word(0) <= 1 else { throw mismatch(position, "a one-dimensional array") }
        if word(0) == 0 { return }
        guard bytes.count >= 20 else { throw mismatch(position, "a one-dimensional array") }
        var offset = 20
        for _ in 0..<word(12) {
            guard offset + 4 <= bytes.count else { throw mismatch(position, "an array") }
            let length = word(offset)
            if length < 0 { throw .unexpectedNull(column: "#\(position)", expected: "an array without NULL") }
            guard offset + 4 + length <= bytes.count else { throw mismatch(position, "an array") }
            body(UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + 4 + length)]))
            offset += 4 + length
        }
    }
}
