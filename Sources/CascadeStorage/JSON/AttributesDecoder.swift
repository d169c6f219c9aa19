import CascadeCore
import Foundation

/// Reads a JSON object of attributes as Postgres prints it; the opposite of `AttributesEncoder`.
///
/// Made for this one shape: reading a large catalog through a general parser would be most of the time. Values that
/// others put into the column and that have no kind of their own are kept as far as they go: null is missing, numbers
/// and booleans in an array become texts, an object or a nested array becomes its JSON as a text.
struct AttributesDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The attributes of the object in `bytes`; throws `.corruptValue` for anything that is no JSON object.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> [String: AttributeValue] {
        var decoder = AttributesDecoder(bytes)
        guard let attributes = decoder.object() else {
            throw .corruptValue(reason: "attributes are no JSON object at byte \(decoder.position)")
        }
        return attributes
    }

    /// The attributes of the object in `text`.
    static func decode(_ text: String) throws(StorageError) -> [String: AttributeValue] {
        var text = text
        let parsed: Result<[String: AttributeValue], StorageError> = text.withUTF8 { bytes in
            Result { () throws(StorageError) in try decode(UnsafeRawBufferPointer(bytes)) }
        }
        return try parsed.get()
    }

    private mutating func object() -> [String: AttributeValue]? {
        var attributes: [String: AttributeValue] = [:]
        guard skip("{") else { return nil }
        if skip("}") { return atEnd ? attributes : nil }
        repeat {
            guard let name = string(), skip(":"), let value = value() else { return nil }
            if let value = value.attribute { attributes[name] = value }
        } while skip(",")
        return skip("}") && atEnd ? attributes : nil
    }

    /// A value, wrapped so that JSON's null differs from text that is no JSON.
    private struct Parsed {
        var attribute: AttributeValue?
    }

    private mutating func value() -> Parsed? {
        skipSpace()
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""): return string().map { Parsed(attribute: .text($0)) }
        case UInt8(ascii: "["): return list()
        case UInt8(ascii: "{"): return nested().map { Parsed(attribute: .text($0)) }
        case UInt8(ascii: "t"): return word("true") ? Parsed(attribute: .flag(true)) : nil
        case UInt8(ascii: "f"): return word("false") ? Parsed(attribute: .flag(false)) : nil
        case UInt8(ascii: "n"): return word("null") ? Parsed(attribute: nil) : nil
        default: return number().map { Parsed(attribute: .number($0)) }
        }
    }

    private mutating func list() -> Parsed? {
        var elements: [String] = []
        guard skip("[") else { return nil }
        if skip("]") { return Parsed(attribute: .list([])) }
        repeat {
            skipSpace()
            if position < bytes.count, bytes[position] == UInt8(ascii: "[") {
                guard let text = nested() else { return nil }
                elements.append(text)
            } else {
                guard let element = value() else { return nil }
                elements.append(contentsOf: element.attribute?.tokens ?? [])
            }
        } while skip(",")
        return skip("]") ? Parsed(attribute: .list(elements)) : nil
    }

    /// An object or array as its text, found by counting brackets outside of strings.
    private mutating func nested() -> String? {
        let start = position
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return nil }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return String(decoding: bytes[start..<position], as: UTF8.self) }
        }
        return nil
    }

    private mutating func number() -> Double? {
        let start = position
        while position < bytes.count, Self.isNumeric(bytes[position]) { position += 1 }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func string() -> String? {
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

    private mutating func word(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            return false
        }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 32, 9, 10, 13: true
        default: false
        }
    }

    private var atEnd: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }
}
