extension CopyInWriter {
    /// Writes NULL.
    package func null() {
        _ = beginField()
        if isBinary { buffer.append(bigEndian: Int32(-1)) } else { buffer.append(text: "\\N") }
    }

    /// Writes text, also into `json` and `jsonb` columns.
    package func text(_ value: String) {
        var value = value
        // Native strings lend their own bytes here; nothing is copied.
        value.withUTF8 { text(utf8: $0) }
    }

    /// Writes text or NULL.
    package func text(_ value: String?) { if let value { text(value) } else { null() } }

    /// Writes text that is given as UTF-8; the server refuses bytes that are none.
    package func text(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        let type = beginField()
        guard isBinary else {
            if !buffer.append(copyText: bytes) { failNul() }
            return
        }
        switch type {
        case .text, .varchar, .bpchar, .name, .json, .jsonb: break
        default: return fail("it takes no text in binary COPY; use the text format")
        }
        if bytes.contains(0) { return failNul() }
        // jsonb starts with the version of its format.
        let prefix = type == .jsonb ? 1 : 0
        buffer.append(bigEndian: Int32(bytes.count + prefix))
        if prefix == 1 { buffer.append(1) }
        buffer.append(bytes: UnsafeRawBufferPointer(bytes))
    }

    /// Writes bytes.
    package func bytes(_ bytes: UnsafeRawBufferPointer) {
        let type = beginField()
        guard isBinary else {
            // The backslash of "\\x" is itself escaped in COPY's text.
            buffer.append(text: "\\\\x")
            for byte in bytes { for digit in [byte >> 4, byte & 15] { buffer.append(digit + (digit < 10 ? 48 : 87)) } }
            return
        }
        guard type == .bytea else { return fail("it takes no bytes in binary COPY; use the text format") }
        guard let count = Int32(exactly: bytes.count) else { return fail("a field holds at most 2 GB") }
        buffer.append(bigEndian: count)
        buffer.append(bytes: bytes)
    }

    /// Writes JSON text.
    package func json(_ value: String?) { text(value) }

    /// Writes a whole number.
    package func int(_ value: Int) { int(Int64(value)) }

    /// Writes a whole number or NULL.
    package func int(_ value: Int64?) { if let value { int(value) } else { null() } }

    /// Writes a whole number.
    package func int(_ value: Int64) {
        let type = beginField()
        guard isBinary else { return buffer.append(decimal: value) }
        switch type {
        case .int8:
            buffer.append(bigEndian: Int32(8))
            buffer.append(bigEndian: value)
        case .int4:
            guard let narrow = Int32(exactly: value) else { return fail("the number is out of range for int4") }
            buffer.append(bigEndian: Int32(4))
            buffer.append(bigEndian: narrow)
        case .int2:
            guard let narrow = Int16(exactly: value) else { return fail("the number is out of range for int2") }
            buffer.append(bigEndian: Int32(2))
            buffer.append(bigEndian: narrow)
        case .float8, .float4: floating(Double(value), type)
        default: fail("it takes no whole number in binary COPY; use the text format")
        }
    }

    /// Writes a floating-point number.
    package func double(_ value: Double) {
        let type = beginField()
        guard isBinary else {
            var digits = value.description
            return digits.withUTF8 { buffer.append(bytes: UnsafeRawBufferPointer($0)) }
        }
        floating(value, type)
    }

    /// Writes a floating-point number or NULL.
    package func double(_ value: Double?) { if let value { double(value) } else { null() } }

    private func floating(_ value: Double, _ type: PostgresType?) {
        switch type {
        case .float8:
            buffer.append(bigEndian: Int32(8))
            buffer.append(bigEndian: value.bitPattern)
        case .float4:
            buffer.append(bigEndian: Int32(4))
            buffer.append(bigEndian: Float(value).bitPattern)
        default: fail("it takes no floating-point number in binary COPY; use the text format")
        }
    }

    /// Writes a truth value.
    package func bool(_ value: Bool) {
        let type = beginField()
        guard isBinary else { return buffer.append(UInt8(ascii: value ? "t" : "f")) }
        if type != .bool { return fail("it takes no truth value in binary COPY; use the text format") }
        buffer.append(bigEndian: Int32(1))
        buffer.append(value ? 1 : 0)
    }

    /// Writes a truth value or NULL.
    package func bool(_ value: Bool?) { if let value { bool(value) } else { null() } }

    /// Writes a time in microseconds since 1970-01-01 00:00 UTC.
    package func timestamp(microseconds: Int64) {
        let type = beginField()
        let value = PostgresTimestamp(microseconds: microseconds)
        guard isBinary else { return CopyTimestamp.append(value, to: &buffer) }
        guard type == .timestamptz || type == .timestamp else {
            return fail("it takes no time in binary COPY; use the text format")
        }
        buffer.append(bigEndian: Int32(8))
        buffer.append(bigEndian: value.binary)
    }

    /// Writes a time in microseconds since 1970 or NULL.
    package func timestamp(microseconds: Int64?) {
        if let microseconds { timestamp(microseconds: microseconds) } else { null() }
    }

    /// Writes an array of text.
    package func texts(_ values: [String]) {
        let type = beginField()
        isBinary ? binaryTexts(values, type) : textTexts(values)
    }

    /// Writes an array of text or NULL.
    package func texts(_ values: [String]?) { if let values { texts(values) } else { null() } }

    private func textTexts(_ values: [String]) {
        buffer.append(UInt8(ascii: "{"))
        for (index, value) in values.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            var value = value
            if !value.withUTF8({ buffer.append(copyArrayElement: $0) }) { return failNul() }
        }
        buffer.append(UInt8(ascii: "}"))
    }

    private func binaryTexts(_ values: [String], _ type: PostgresType?) {
        if type != .textArray { return fail("it takes no array of text in binary COPY; use the text format") }
        let start = buffer.count
        buffer.append(bigEndian: Int32(0))
        // Dimensions, flags, element type; then length and lower bound of the only dimension.
        buffer.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
        buffer.append(bigEndian: Int32(0))
        buffer.append(bigEndian: PostgresType.text.rawValue)
        if !values.isEmpty {
            buffer.append(bigEndian: Int32(values.count))
            buffer.append(bigEndian: Int32(1))
        }
        for value in values {
            var value = value
            value.withUTF8 { bytes in
                if bytes.contains(0) { failNul() }
                buffer.append(bigEndian: Int32(bytes.count))
                buffer.append(bytes: UnsafeRawBufferPointer(bytes))
            }
        }
        buffer.replace(at: start, bigEndian: Int32(buffer.count - start - 4))
    }

    private func failNul() { fail("the text holds a NUL character, which Postgres cannot; remove it") }
}
