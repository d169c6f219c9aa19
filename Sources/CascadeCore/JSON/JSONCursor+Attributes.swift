/// Attributes as JSON. Values that have no kind of their own are kept as far as they go: null is missing, numbers and
/// booleans in an array become texts, an object or a nested array becomes its JSON as a text.
extension JSONCursor {
    /// A value, wrapped so that JSON's null differs from text that is no JSON.
    package struct Parsed {
        package var attribute: AttributeValue?
    }

    /// An object of attributes.
    package mutating func attributes() -> [String: AttributeValue]? {
        var attributes: [String: AttributeValue] = [:]
        let isRead = members { cursor, name in
            guard let value = cursor.value() else { return false }
            if let value = value.attribute { attributes[name] = value }
            return true
        }
        return isRead ? attributes : nil
    }

    /// An object, whose members `read` reads the values of; false where it is none, or `read` gives up.
    package mutating func members(_ read: (inout JSONCursor, String) -> Bool) -> Bool {
        guard skip("{") else { return false }
        if skip("}") { return true }
        repeat {
            guard let name = string(), skip(":"), read(&self, name) else { return false }
        } while skip(",")
        return skip("}")
    }

    /// Any value.
    package mutating func value() -> Parsed? {
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
}
