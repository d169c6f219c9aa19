/// Days of the proleptic Gregorian calendar, counted from 1970-01-01.
enum CivilDate {
    private static let daysBeforeMonth: [Int64] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    /// The day number of a date; `year` is astronomical (0 is 1 BC), `month` is 1...12.
    static func toDays(year: Int64, month: Int64, day: Int64) -> Int64 {
        let leapDay: Int64 = month > 2 && isLeap(year) ? 1 : 0
        return daysBeforeYear(year) + daysBeforeMonth[Int(month) - 1] + leapDay + day - 1
    }

    /// The date of a day number.
    static func fromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 400 years have 146,097 days; the guess is off by at most one.
        var year = 1970 + (days * 400).quotientAndRemainder(flooredBy: 146_097).0
        while daysBeforeYear(year) > days { year -= 1 }
        while daysBeforeYear(year + 1) <= days { year += 1 }
        var month: Int64 = 12
        while toDays(year: year, month: month, day: 1) > days { month -= 1 }
        return (year, month, days - toDays(year: year, month: month, day: 1) + 1)
    }

    /// Days from 1970-01-01 to the first of January of `year`.
    private static func daysBeforeYear(_ year: Int64) -> Int64 {
        let past = year - 1
        func floored(_ divisor: Int64) -> Int64 { past.quotientAndRemainder(flooredBy: divisor).0 }
        return 365 * past + floored(4) - floored(100) + floored(400) - 719_162
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}
