/// A point in time as Postgres keeps it: whole microseconds, here counted from 1970-01-01 00:00 UTC.
package struct PostgresTimestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970-01-01 00:00 UTC.
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// Later than every other time, Postgres' `infinity`.
    package static let infinity = PostgresTimestamp(microseconds: .max)
    /// Earlier than every other time, Postgres' `-infinity`.
    package static let minusInfinity = PostgresTimestamp(microseconds: .min)

    /// ISO 8601 in UTC with six digits of fraction; `infinity` and `-infinity` by name.
    package var description: String {
        if self == .infinity { return "infinity" }
        if self == .minusInfinity { return "-infinity" }
        let (seconds, fraction) = microseconds.quotientAndRemainder(flooredBy: 1_000_000)
        let (days, second) = seconds.quotientAndRemainder(flooredBy: 86_400)
        let (year, month, day) = CivilDate.fromDays(days)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        // Postgres has no year 0: the year before 1 is 1 BC.
        let date = "\(Self.padded(year > 0 ? year : 1 - year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date) \(clock).\(Self.padded(fraction, 6))+00" + (year > 0 ? "" : " BC")
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Microseconds between 1970-01-01 and 2000-01-01, from which Postgres counts in its binary format.
    static let postgresEpoch: Int64 = 946_684_800_000_000

    /// The value of Postgres' binary format; times too early for it become `-infinity`.
    var binary: Int64 {
        if self == .infinity { return .max }
        let (shifted, overflow) = microseconds.subtractingReportingOverflow(Self.postgresEpoch)
        return overflow ? .min : shifted
    }

    /// Reads the value of Postgres' binary format; times too late for 64 bits become `infinity`.
    init(binary: Int64) {
        if binary == .min {
            self = .minusInfinity
        } else {
            let (shifted, overflow) = binary.addingReportingOverflow(Self.postgresEpoch)
            self.init(microseconds: overflow ? .max : shifted)
        }
    }
}

extension Int64 {
    /// Quotient and remainder with 0 <= remainder < divisor.
    func quotientAndRemainder(flooredBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
