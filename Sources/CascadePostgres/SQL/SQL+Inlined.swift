extension SQL {
    /// The statement with its values as quoted, typed literals, for COPY, which takes no bound values.
    ///
    /// The connection has `standard_conforming_strings` on, so doubling the quote is all that a literal needs.
    func inlined() throws(PostgresError) -> String {
        var text = pieces[0]
        for (index, value) in values.enumerated() {
            text += try Self.literal(value)
            text += pieces[index + 1]
        }
        return text
    }

    private static func literal(_ value: SQLValue) throws(PostgresError) -> String {
        let type = cast(value.type)
        switch value {
        case .null: return "NULL" + type
        case .text(let text), .json(let text): return try quoted(text) + type
        case .int(let value): return "'\(value)'" + type
        case .int32(let value): return "'\(value)'" + type
        case .double(let value): return "'\(value)'" + type
        case .bool(let value): return value ? "TRUE" : "FALSE"
        case .timestamp(let value): return "'\(value)'" + type
        case .bytes(let bytes): return "'\\x" + bytes.map(hexadecimal).joined() + "'" + type
        case .texts(let elements):
            var literals: [String] = []
            for element in elements { literals.append(try quoted(element)) }
            return "ARRAY[" + literals.joined(separator: ",") + "]" + type
        case .ints(let elements): return "ARRAY[" + elements.map { "'\($0)'" }.joined(separator: ",") + "]" + type
        case .doubles(let elements): return "ARRAY[" + elements.map { "'\($0)'" }.joined(separator: ",") + "]" + type
        }
    }

    private static func quoted(_ text: String) throws(PostgresError) -> String {
        if text.utf8.contains(0) {
            throw .invalidValue("a value of the statement holds a NUL character, which text cannot; remove it")
        }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    private static func cast(_ type: PostgresType) -> String {
        switch type {
        case .textArray: "::text[]"
        case .int8Array: "::int8[]"
        case .float8Array: "::float8[]"
        default: "::\(type)"
        }
    }
}
