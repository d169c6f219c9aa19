/// Takes apart one JSON object into the members that are asked for, without making values of the others.
///
/// A member of a nested object is named by its path, `outer.inner`. A list of texts, numbers and truth values is one
/// field of kind `list`. Source: RFC 8259.
struct JSONScanner {
    /// Nesting beyond this is refused, so that hostile input cannot exhaust the stack.
    static let depthLimit = 32

    let base: UnsafePointer<UInt8>
    let end: Int
    let arena: ByteArena
    var position = 0
    /// True when an error came from the end of the bytes, so that more of them may help.
    var ranOut = false
    /// Whether paths of members are to be collected in `seen`.
    var collects = false
    var seen: [String] = []

    /// Scans `bytes`; `arena` must have room for as many bytes.
    init(_ bytes: UnsafeBufferPointer<UInt8>, arena: ByteArena) {
        // An empty buffer may have no address; one byte of the arena is as good, as it is never read.
        base = bytes.baseAddress ?? UnsafePointer(arena.base)
        end = bytes.count
        self.arena = arena
    }

    mutating func skipSpace() {
        while position < end {
            switch base[position] {
            case 32, 9, 10, 13: position += 1
            default: return
            }
        }
    }

    mutating func peek() throws(RowProblem) -> UInt8 {
        guard position < end else {
            ranOut = true
            throw RowProblem(column: nil, reason: "the JSON ends early")
        }
        return base[position]
    }

    mutating func expect(_ byte: UInt8) throws(RowProblem) {
        guard try peek() == byte else { throw unexpected() }
        position += 1
    }

    func unexpected() -> RowProblem {
        let byte = UnsafeBufferPointer(start: base + position, count: 1)
        return RowProblem(
            column: nil,
            reason: "not valid JSON: unexpected '\(String(decoding: byte, as: UTF8.self))' at byte \(position + 1)")
    }

    /// Reads a text; its escapes are written out in the arena, a text without any stays where it is.
    mutating func text() throws(RowProblem) -> FieldBytes {
        try expect(UInt8(ascii: "\""))
        let start = position
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return FieldBytes(base: base + start, count: position - start)
            }
            if byte == UInt8(ascii: "\\") { return try escapedText(from: start) }
            guard byte >= 0x20 else { throw unexpected() }
            position += 1
        }
    }

    private mutating func escapedText(from start: Int) throws(RowProblem) -> FieldBytes {
        let out = arena.count
        for index in start..<position { arena.append(base[index]) }
        while true {
            let byte = try peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return arena.field(from: out)
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20:
                position -= 1
                throw unexpected()
            default: arena.append(byte)
            }
        }
    }

    private mutating func escape() throws(RowProblem) {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "n"): arena.append(10)
        case UInt8(ascii: "t"): arena.append(9)
        case UInt8(ascii: "r"): arena.append(13)
        case UInt8(ascii: "b"): arena.append(8)
        case UInt8(ascii: "f"): arena.append(12)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): arena.append(byte)
        case UInt8(ascii: "u"): try unicodeEscape()
        default:
            position -= 1
            throw unexpected()
        }
    }

    private mutating func unicodeEscape() throws(RowProblem) {
        var value = try hexadecimal()
        if (0xD800..<0xDC00).contains(value) {
            try expect(UInt8(ascii: "\\"))
            try expect(UInt8(ascii: "u"))
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw badEscape() }
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
        }
        guard value != 0 else { throw RowProblem(column: nil, reason: "holds a NUL character") }
        guard let scalar = Unicode.Scalar(value) else { throw badEscape() }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { arena.append(byte) }
    }

    private func badEscape() -> RowProblem {
        RowProblem(column: nil, reason: "not valid JSON: half of a surrogate pair at byte \(position)")
    }

    private mutating func hexadecimal() throws(RowProblem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw unexpected() }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// Reads a number, true, false or null as its text; null is absent.
    mutating func bareWord() throws(RowProblem) -> FieldBytes {
        let start = position
        while position < end, Self.isWordByte[Int(base[position])] { position += 1 }
        // A word that touches the end may go on in bytes that are not here yet.
        if position == end { ranOut = true }
        let field = FieldBytes(base: base + start, count: position - start)
        if field.equals(Self.null) { return FieldBytes(base: base + start, count: 0, kind: .absent) }
        if field.equals(Self.yes) || field.equals(Self.no) || Self.isNumber(field) { return field }
        position = start
        if position < end { throw unexpected() }
        throw RowProblem(column: nil, reason: "the JSON ends early")
    }

    private static let null = Array("null".utf8)
    private static let yes = Array("true".utf8)
    private static let no = Array("false".utf8)
    private static let isWordByte: [Bool] = (0..<256).map { byte in
        Character(Unicode.Scalar(UInt8(byte))).isLetter && byte < 128 || (48...57).contains(byte)
            || [43, 45, 46].contains(byte)
    }

    private static func isNumber(_ field: FieldBytes) -> Bool {
        var index = 0
        func digits() -> Int {
            let start = index
            while index < field.count, (48...57).contains(field.base[index]) { index += 1 }
            return index - start
        }
        if index < field.count, field.base[index] == UInt8(ascii: "-") { index += 1 }
        guard digits() > 0 else { return false }
        if index < field.count, field.base[index] == UInt8(ascii: ".") {
            index += 1
            guard digits() > 0 else { return false }
        }
        if index < field.count, field.base[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < field.count, [43, 45].contains(field.base[index]) { index += 1 }
            guard digits() > 0 else { return false }
        }
        return index == field.count
    }
}
