/// Where and why a text is no JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    /// Line, from 1.
    package let line: Int
    /// Character within the line, from 1.
    package let column: Int
    package let reason: String

    package var description: String { "line \(line), column \(column): \(reason)" }
}

/// Reads RFC 8259 JSON to the letter: one value, no comments, no trailing commas, no member twice, no text with NUL.
///
/// - Complexity: O(count of bytes).
package struct JSONParser {
    /// Levels of arrays and objects that are read; deeper text is refused before it can use up the stack.
    package static let maximumDepth = 32

    let bytes: [UInt8]
    var position = 0
    var depth = 0

    /// Parses the whole of `bytes`, which must be UTF-8.
    package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw parser.error("a byte order mark is not allowed") }
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("text after the end of the value") }
        return value
    }

    /// Parses the UTF-8 of `text`.
    package static func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue { try parse(Array(text.utf8)) }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte, or nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ reason: String) -> JSONSyntaxError {
        let before = bytes[..<min(position, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        // Continuation bytes of UTF-8 begin no character.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return JSONSyntaxError(line: line, column: column, reason: reason)
    }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func value() throws(JSONSyntaxError) -> JSONValue {
        guard let next else { throw error("the text ends where a value should begin") }
        switch next {
        case UInt8(ascii: "{"): return try nested(Self.object)
        case UInt8(ascii: "["): return try nested(Self.array)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("this begins no JSON value")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) levels deep") }
        position += 1
        skipSpace()
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw error("this begins no JSON value") }
        position += word.utf8.count
        return value
    }

    private static func array(_ parser: inout JSONParser) throws(JSONSyntaxError) -> JSONValue {
        var elements: [JSONValue] = []
        if parser.take("]") { return .array(elements) }
        while true {
            elements.append(try parser.value())
            parser.skipSpace()
            if parser.take("]") { return .array(elements) }
            guard parser.take(",") else { throw parser.error("',' or ']' should follow") }
            parser.skipSpace()
        }
    }

    private static func object(_ parser: inout JSONParser) throws(JSONSyntaxError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        if parser.take("}") { return .object(members) }
        while true {
            guard parser.next == UInt8(ascii: "\"") else { throw parser.error("a member name in '\"' should follow") }
            let start = parser
            let name = try parser.string()
            guard names.insert(name).inserted else { throw start.error("the member appears twice in its object") }
            parser.skipSpace()
            guard parser.take(":") else { throw parser.error("':' should follow the member name") }
            parser.skipSpace()
            members.append(JSONValue.Member(name, try parser.value()))
            parser.skipSpace()
            if parser.take("}") { return .object(members) }
            guard parser.take(",") else { throw parser.error("',' or '}' should follow") }
            parser.skipSpace()
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
