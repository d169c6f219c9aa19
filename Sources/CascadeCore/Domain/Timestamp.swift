import Foundation

/// A point in time, in microseconds since 1970-01-01T00:00:00Z; the resolution of Postgres' `timestamptz`.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The whole second that it lies in, since 1970. Nothing in the same second counts as before it.
    package var second: Int64 { microseconds.floorDivided(by: 1_000_000) }

    /// Makes a time from milliseconds since 1970; values beyond the range of microseconds are clamped.
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    /// Makes a time from seconds since 1970; the fraction is kept to the microsecond.
    package init(seconds: Double) { microseconds = Int64((seconds * 1e6).rounded()) }

    /// The wall clock's present time.
    package static var now: Timestamp { Timestamp(seconds: Date().timeIntervalSince1970) }

    /// Seconds since 1970, with a fraction.
    package var seconds: Double { Double(microseconds) / 1e6 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The time `seconds` after this one (before it when negative).
    package func adding(seconds: Double) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds * 1e6))
    }

    /// RFC 3339 text in UTC with microseconds as far as they are not zero, such as `2022-04-25T00:00:00Z`.
    package var rfc3339: String {
        let fraction = Int(((microseconds % 1_000_000) + 1_000_000) % 1_000_000)
        let whole = (microseconds - Int64(fraction)) / 1_000_000
        let base = Date(timeIntervalSince1970: Double(whole)).formatted(
            Date.ISO8601FormatStyle(timeZone: .gmt))
        guard fraction > 0 else { return base }
        var digits = String(fraction)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return base.dropLast() + "." + digits + "Z"
    }

    /// Reads RFC 3339 text (`2022-04-25`, `2022-04-25T01:02:03Z`, fractions and offsets too); nil when it is no time.
    ///
    /// A date without a time of day is its midnight in UTC.
    package init?(rfc3339 text: String) {
        let utf8 = Array(text.utf8)
        var reader = TimestampReader(bytes: utf8)
        guard let value = reader.read() else { return nil }
        microseconds = value
    }
}

/// Reads RFC 3339 by hand: import parses millions of them, where Foundation's parser would be most of the time.
private struct TimestampReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() -> Int64? {
        guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2),
            (1...12).contains(month), (1...31).contains(day), day <= Self.daysIn(month: month, year: year)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let midnight = Int64(days) * 86_400_000_000
        if position == bytes.count { return midnight }
        guard skip("T") || skip("t") || skip(" "), let hour = digits(2), skip(":"), let minute = digits(2),
            hour < 24, minute < 60
        else { return nil }
        var second = 0
        var fraction: Int64 = 0
        if skip(":") {
            guard let value = digits(2), value < 61 else { return nil }
            second = value
            if skip(".") {
                guard let value = fractionDigits() else { return nil }
                fraction = value
            }
        }
        guard let offset = zone(), position == bytes.count else { return nil }
        let clock = Int64(hour * 3600 + minute * 60 + second - offset) * 1_000_000
        return midnight + clock + fraction
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<(position + count)] {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += count
        return value
    }

    private mutating func fractionDigits() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 1_000_000
        let start = position
        while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 {
            scale /= 10
            value += Int64(bytes[position] - 48) * scale
            position += 1
        }
        return position > start ? value : nil
    }

    private mutating func skip(_ character: Character) -> Bool {
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    /// Seconds east of UTC; no zone at all means UTC.
    private mutating func zone() -> Int? {
        if position == bytes.count || skip("Z") || skip("z") { return 0 }
        let sign = skip("+") ? 1 : (skip("-") ? -1 : 0)
        guard sign != 0, let hours = digits(2) else { return nil }
        _ = skip(":")
        let minutes = position < bytes.count ? digits(2) : 0
        guard let minutes else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from March.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
