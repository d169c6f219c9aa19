extension ByteBuffer {
    /// Writes a whole number in decimal.
    mutating func append(decimal value: Int64) {
        let room = reserve(20)
        var magnitude = value.magnitude
        var digits = 0
        repeat {
            room[19 - digits] = UInt8(truncatingIfNeeded: 48 + magnitude % 10)
            magnitude /= 10
            digits += 1
        } while magnitude > 0
        if value < 0 {
            room[19 - digits] = UInt8(ascii: "-")
            digits += 1
        }
        UnsafeMutableRawPointer(room).copyMemory(from: room + (20 - digits), byteCount: digits)
        advance(digits)
    }

    /// Writes text for COPY's text format: tab, newline, carriage return and backslash get a backslash.
    ///
    /// Gives false for text with a NUL character, which Postgres cannot hold.
    mutating func append(copyText bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let room = reserve(bytes.count * 2)
        var written = 0
        for byte in bytes {
            // All bytes that need care are below 14, except the backslash.
            if byte < 14 || byte == UInt8(ascii: "\\") {
                if byte == 0 { return false }
                if let letter = Self.escape(byte) {
                    room[written] = UInt8(ascii: "\\")
                    room[written + 1] = letter
                    written += 2
                    continue
                }
            }
            room[written] = byte
            written += 1
        }
        advance(written)
        return true
    }

    /// Writes one element of `{…}`: quoted for the array first, and the result escaped for COPY.
    mutating func append(copyArrayElement bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case 0: return false
            case UInt8(ascii: "\""): append(text: "\\\\\"")
            case UInt8(ascii: "\\"): append(text: "\\\\\\\\")
            default:
                if let letter = Self.escape(byte) {
                    append(UInt8(ascii: "\\"))
                    append(letter)
                } else {
                    append(byte)
                }
            }
        }
        append(UInt8(ascii: "\""))
        return true
    }

    /// Writes ASCII as it stands.
    mutating func append(text: StaticString) {
        append(bytes: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func escape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 9: UInt8(ascii: "t")
        case 10: UInt8(ascii: "n")
        case 13: UInt8(ascii: "r")
        case UInt8(ascii: "\\"): byte
        default: nil
        }
    }
}
