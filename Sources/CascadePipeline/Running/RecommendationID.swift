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

    /// `rec_…` with the system's random numbers.
    package static let recommendation: @Sendable (Timestamp) -> String = { time in
        var random = SystemRandomNumberGenerator()
        return make(prefix: "rec_", at: time, using: &random)
    }
}
