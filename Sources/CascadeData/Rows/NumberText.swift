/// Reads numbers from bytes without making a text of them; nil: the bytes are no such number.
enum NumberText {
    /// A decimal whole number with an optional sign, as far as it fits 64 bits.
    static func integer(_ field: FieldBytes) -> Int64? {
        var index = 0
        let isNegative = field.count > 0 && field.base[0] == UInt8(ascii: "-")
        if isNegative || (field.count > 0 && field.base[0] == UInt8(ascii: "+")) { index = 1 }
        guard index < field.count, field.count - index <= 19 else { return nil }
        var value: UInt64 = 0
        while index < field.count {
            let digit = field.base[index] &- 48
            guard digit < 10 else { return nil }
            // Nineteen digits fit an unsigned word.
            value = value &* 10 &+ UInt64(digit)
            index += 1
        }
        if isNegative { return value <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
        return Int64(exactly: value)
    }

    /// A finite decimal number with an optional fraction and exponent, rounded to the nearest double.
    ///
    /// Up to 15 digits and a power of ten up to 22 are exact as doubles, so one multiplication or division rounds
    /// right (Clinger, "How to read floating point numbers accurately", 1990); all else takes the library's way.
    static func double(_ field: FieldBytes) -> Double? {
        var index = 0
        var isNegative = false
        if field.count > 0, field.base[0] == UInt8(ascii: "-") || field.base[0] == UInt8(ascii: "+") {
            isNegative = field.base[0] == UInt8(ascii: "-")
            index = 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = 0
        var sawPoint = false
        while index < field.count {
            let byte = field.base[index]
            if byte == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else if byte &- 48 < 10 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                digits += 1
                if sawPoint { fraction += 1 }
            } else {
                return slow(field)
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        guard digits <= 15 else { return slow(field) }
        let value = fraction == 0 ? Double(mantissa) : Double(mantissa) / powers[fraction]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
        1e14, 1e15,
    ]

    private static func slow(_ field: FieldBytes) -> Double? {
        // The library also reads "nan", "inf" and hexadecimal numbers, which in a table are mistakes.
        for byte in field.buffer {
            switch byte {
            case 48...57, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
                UInt8(ascii: "E"):
                break
            default: return nil
            }
        }
        return Double(field.string).flatMap { $0.isFinite ? $0 : nil }
    }
}
