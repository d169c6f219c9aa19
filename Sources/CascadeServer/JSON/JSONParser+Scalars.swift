/// Numbers and texts.
extension JSONParser {
    mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        var isWhole = true
        _ = take("-")
        if take("0") {
            if let byte = next, Self.isDigit(byte) { throw error("a number must not begin with 0") }
        } else {
            try digits()
        }
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            position = start
            throw error("the number is too large")
        }
        return .number(value)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = next, Self.isDigit(byte) else { throw error("a digit should follow") }
        while let byte = next, Self.isDigit(byte) { position += 1 }
    }

    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        // Most texts have no escape: they are taken from the input in one piece.
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if next == UInt8(ascii: "\"") {
            position += 1
            return try text(bytes[start..<(position - 1)], from: start)
        }
        var content = Array(bytes[start..<position])
        while true {
            guard let byte = next else { throw error("the text ends within a string") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try text(content[...], from: start)
            case UInt8(ascii: "\\"):
                try escape(into: &content)
            case 0..<0x20:
                throw error("a control character must be written as an escape")
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    private func text(_ content: ArraySlice<UInt8>, from start: Int) throws(JSONSyntaxError) -> String {
        if let text = String(validating: content, as: UTF8.self) { return text }
        var place = self
        place.position = start
        throw place.error("the string is not valid UTF-8")
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONSyntaxError) {
        position += 1
        guard let byte = next else { throw error("the text ends within an escape") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            content.append(contentsOf: String(Character(try unicodeEscape())).utf8)
            return
        default: throw error("there is no such escape")
        }
        position += 1
    }

    /// Reads `uXXXX` and, where it is the first half of a pair, the second half too.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = self
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) {
            guard scalar.value != 0 else { throw start.error("text must not hold the character U+0000") }
            return scalar
        }
        guard take("\\"), next == UInt8(ascii: "u") else { throw start.error("half of a surrogate pair") }
        let second = try codeUnit()
        guard first < 0xDC00, (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((UInt32(first) - 0xD800) << 10) + (UInt32(second) - 0xDC00))
        else { throw start.error("half of a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        position += 1
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits should follow '\\u'")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
