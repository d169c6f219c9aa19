import CascadeCore

/// How a time is written.
package enum TimeFormat: String, Sendable, ChosenWord {
    /// Numbers since 1970 in these units; a fraction is allowed.
    case seconds, milliseconds, microseconds
    /// RFC 3339 text, also with a space instead of the T, without a zone (then UTC), or a date alone.
    case rfc3339
    /// `2022-04-25` or `20220425`, the day's midnight in UTC.
    case date
    /// Whole steps from a start, for data that has an order and no times.
    case steps

    /// Microseconds in one of its units, where it is a number since 1970.
    var unit: Double? {
        switch self {
        case .seconds: 1e6
        case .milliseconds: 1e3
        case .microseconds: 1
        case .rfc3339, .date, .steps: nil
        }
    }
}
