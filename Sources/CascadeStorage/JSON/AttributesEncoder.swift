import CascadeCore

/// Writes attributes as a JSON object: number, text, list of texts and flag become number, string, array and boolean.
enum AttributesEncoder {
    /// The object as text.
    ///
    /// A number that is not finite has no JSON and counts as missing. Throws `.invalidValue` for a text with a NUL
    /// character, which Postgres cannot hold.
    static func encode(_ attributes: [String: AttributeValue]) throws(StorageError) -> String {
        if attributes.isEmpty { return "{}" }
        var text = "{"
        for (name, value) in attributes {
            if case .number(let number) = value, !number.isFinite { continue }
            if text.utf8.count > 1 { text += "," }
            try append(name, to: &text, of: name)
            text += ":"
            try append(value, to: &text, of: name)
        }
        return text + "}"
    }

    private static func append(_ value: AttributeValue, to text: inout String, of name: String) throws(StorageError) {
        switch value {
        case .number(let number): append(number, to: &text)
        case .text(let string): try append(string, to: &text, of: name)
        case .flag(let flag): text += flag ? "true" : "false"
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                try append(element, to: &text, of: name)
            }
            text += "]"
        }
    }

    private static func append(_ number: Double, to text: inout String) {
        // Swift prints the shortest digits that read back as the same number.
        if number == number.rounded(), number.magnitude < 1e15 {
            text += String(Int64(number))
        } else {
            text += number.description
        }
    }

    private static func append(_ string: String, to text: inout String, of name: String) throws(StorageError) {
        text += "\""
        if string.utf8.allSatisfy({ $0 >= 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += string
        } else {
            for scalar in string.unicodeScalars { try append(scalar, to: &text, of: name) }
        }
        text += "\""
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String, of name: String) throws(StorageError) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\u{0}":
            throw .invalidValue(reason: "attribute \"\(name)\" holds a NUL character, which Postgres cannot; remove it")
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
}
