package import CascadeCore

/// Makes identifiers that sort by time: a prefix, 48 bits of milliseconds, 80 random bits, in Crockford's base 32.
package enum TimeSortedID {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// 26 digits after the prefix; identifiers of a later millisecond sort after those of an earlier one.
    package static func make(prefix: String, at time: Timestamp, using random: inout some RandomNumberGenerator)
        -> String
    {
        let milliseconds = UInt64(max(0, time.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        let text = String(unsafeUninitializedCapacity: 26) { buffer in
            for index in 0..<10 { buffer[index] = digits[Int((milliseconds >> UInt64(45 - 5 * index)) & 31)] }
            for (start, word) in [(10, random.next()), (18, random.next())] {
                for index in 0..<8 { buffer[start + index] = digits[Int((word >> UInt64(5 * index)) & 31)] }
            }
            return 26
        }
        return prefix + text
    }

    /// When an identifier of `prefix` was made; nil for a text that is none. What follows a period, such as the arms of A/B tests, is no part
    /// of it.
    package static func time(of marked: String, prefix: String) -> Timestamp? {
        let text = marked.prefix { $0 != "." }
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 26 else { return nil }
        var milliseconds: UInt64 = 0
        for (index, digit) in text.utf8.dropFirst(prefix.utf8.count).enumerated() {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            if index < 10 { milliseconds = milliseconds << 5 | UInt64(value) }
        }
        // Ten digits have two bits more than the time, which no identifier sets.
        return milliseconds < 1 << 48 ? Timestamp(milliseconds: Int64(milliseconds)) : nil
    }

    /// `rec_…` with the system's random numbers.
    package static let recommendation: @Sendable (Timestamp) -> String = { time in
        var random = SystemRandomNumberGenerator()
        return make(prefix: "rec_", at: time, using: &random)
    }
}
