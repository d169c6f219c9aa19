extension PostgresTimestamp {
    /// Reads `2024-05-06`, `2024-05-06 07:08:09.123+02:30`, a trailing ` BC`, and the two infinities.
    init?(text: UnsafeRawBufferPointer) {
        if text.elementsEqual("infinity".utf8) {
            self = .infinity
            return
        }
        if text.elementsEqual("-infinity".utf8) {
            self = .minusInfinity
            return
        }
        var scanner = DigitScanner(text)
        guard let year = scanner.number(), scanner.skip("-"), let month = scanner.number(), scanner.skip("-"),
            let day = scanner.number(), (1...12).contains(month)
        else { return nil }
        var seconds: Int64 = 0
        var fraction: Int64 = 0
        var offset: Int64 = 0
        if scanner.skip(" "), scanner.isDigit {
            guard let hour = scanner.number(), scanner.skip(":"), let minute = scanner.number(), scanner.skip(":"),
                let second = scanner.number()
            else { return nil }
            seconds = hour * 3600 + minute * 60 + second
            if scanner.skip(".") { fraction = scanner.fraction(digits: 6) }
            offset = scanner.zoneOffset()
            _ = scanner.skip(" ")
        }
        let isBeforeChrist = scanner.skip("B") && scanner.skip("C")
        guard scanner.isAtEnd else { return nil }
        let days = CivilDate.toDays(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
        self.init(microseconds: (days * 86_400 + seconds - offset) * 1_000_000 + fraction)
    }
}

/// Reads numbers and single characters from bytes, left to right.
private struct DigitScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    var isDigit: Bool { position < bytes.count && (48...57).contains(bytes[position]) }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func number() -> Int64? {
        guard isDigit else { return nil }
        var value: Int64 = 0
        while isDigit, value < 1_000_000_000 {
            value = value * 10 + Int64(bytes[position] - 48)
            position += 1
        }
        return value
    }

    /// The digits after a point as a whole number of `digits` places.
    mutating func fraction(digits: Int) -> Int64 {
        var value: Int64 = 0
        var read = 0
        while isDigit {
            if read < digits { value = value * 10 + Int64(bytes[position] - 48) }
            read += 1
            position += 1
        }
        while read < digits {
            value *= 10
            read += 1
        }
        return value
    }

    /// `+02`, `-03:30` or `+00:00:12` in seconds; 0 where there is none.
    mutating func zoneOffset() -> Int64 {
        let sign: Int64 = skip("-") ? -1 : 1
        if sign > 0, !skip("+") { return 0 }
        var seconds = (number() ?? 0) * 3600
        if skip(":") { seconds += (number() ?? 0) * 60 }
        if skip(":") { seconds += number() ?? 0 }
        return sign * seconds
    }
}
