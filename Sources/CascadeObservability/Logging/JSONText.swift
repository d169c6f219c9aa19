/// Writes JSON values onto the end of a text.
package enum JSONText {
    /// Appends `text` as a JSON string.
    static func append(_ text: String, to line: inout String) {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        line += String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the UTF-8 of `text` as a JSON string.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: [hex(byte >> 4), hex(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

    /// Appends a number; one that JSON cannot hold becomes null.
    static func append(_ number: Double, to line: inout String) {
        if !number.isFinite {
            line += "null"
        } else if number == number.rounded(), abs(number) < 1e15 {
            line += String(Int64(number))
        } else {
            line += String(number)
        }
    }
}
