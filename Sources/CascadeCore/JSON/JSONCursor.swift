/// Reads JSON from the front, a piece at a time, as far as the shapes go that the product writes itself.
///
/// For files and columns of millions of small objects, which a general parser would take most of the time of. Every
/// method gives nil, or false, for what it does not find; the position then tells where.
package struct JSONCursor {
    let bytes: UnsafeRawBufferPointer
    /// Bytes that have been read.
    package internal(set) var position = 0

    /// `bytes` must outlive the cursor.
    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// A number.
    package mutating func number() -> Double? { Double(digits()) }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// A whole number, exactly.
    package mutating func integer() -> Int64? { Int64(digits()) }

    private mutating func digits() -> String {
        skipSpace()
        let start = position
        while position < bytes.count, Self.isNumeric(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Steps over `null`, if it is next.
    package mutating func null() -> Bool {
        skipSpace()
        return word("null")
    }

    /// A text.
    package mutating func string() -> String? {
        guard skip("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            position += 1
        }
        guard position < bytes.count else { return nil }
        let plain = bytes[start..<position]
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: plain, as: UTF8.self)
        }
        return escapedString(after: plain)
    }

    private mutating func escapedString(after plain: Slice<UnsafeRawBufferPointer>) -> String? {
        var content = Array(plain)
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
            if byte != UInt8(ascii: "\\") {
                content.append(byte)
                continue
            }
            guard let scalar = escape() else { return nil }
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return nil
    }

    /// What follows a backslash.
    private mutating func escape() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "u"): return unicodeEscape()
        default: return nil
        }
    }

    /// `XXXX` of `\uXXXX`, with the second half of a surrogate pair where the first asks for one.
    private mutating func unicodeEscape() -> Unicode.Scalar? {
        guard let unit = hexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        guard let low = hexadecimal(), (0xDC00..<0xE000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    }

    private mutating func hexadecimal() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        defer { position += 4 }
        return UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
    }

    /// Steps over a word such as `true`, if it is next.
    mutating func word(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            return false
        }
        position += text.utf8CodeUnitCount
        return true
    }

    /// Steps over a character and the space before it, if it is next.
    package mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 32, 9, 10, 13: true
        default: false
        }
    }

    /// Whether only space is left.
    package var atEnd: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }
}
