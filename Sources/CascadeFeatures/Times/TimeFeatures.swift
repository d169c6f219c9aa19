package import CascadeCore
import Foundation

/// What the ranker is told of the time of a request.
///
/// Of the context the hour of the day and the weekday, as categorical features; of a row the time since the user's last
/// step and the age of the item, as numbers (`CounterLayout.timeOffset`); of a step of the past the time from it to the
/// request.
package struct TimeFeatures: Hashable, Sendable, Codable {
    /// Hours from UTC to the clock that hour and weekday are read from.
    package var utcOffsetHours: Double
    /// Rows of the unified table that the hour, and the weekday, is spread over.
    package var lookups: Int
    /// The first of the rows that hours and weekdays have to themselves, in a table that is divided among its features;
    /// nil: they are hashed into the whole table.
    package var first: Int32?

    package init(utcOffsetHours: Double, lookups: Int) {
        self.utcOffsetHours = utcOffsetHours
        self.lookups = lookups
    }

    /// Rows of the two features where they have their own.
    var ownRows: Int { Self.tokens * lookups }

    /// Tokens of the two features.
    static let tokens = 24 + 7
    /// Numbers of a row: the logarithm of the seconds since the user's last step, and of those of the item's age.
    static let columns = 2

    /// Buckets of the time between a step and the request.
    package static let buckets = 64
    /// The logarithm of the seconds that one bucket covers.
    private static let bucketWidth = 0.301

    /// The bucket of a time in seconds: min(63, ⌊ln(max(|seconds|, 1)) / 0.301⌋), the last from five years on.
    package static func bucket(seconds: Int32) -> Int32 {
        Int32(min(Double(buckets - 1), (log(max(abs(Double(seconds)), 1)) / bucketWidth).rounded(.down)))
    }

    /// Seconds from `earlier` to `later`, in microseconds both; limited so that two of them can be subtracted.
    static func seconds(from earlier: Int64, to later: Int64) -> Int32 {
        let limit = Double(1 << 30)
        return Int32(max(-limit, min(limit, ((Double(later) - Double(earlier)) / 1e6).rounded(.down))))
    }

    /// The logarithm of the seconds from `earlier` to `later`, 0 for less than one, also where it is not earlier; missing
    /// without an earlier time.
    static func logSeconds(from earlier: Int64?, to later: Int64) -> Float {
        guard let earlier else { return .nan }
        return Float(log(max(1, (Double(later) - Double(earlier)) / 1e6)))
    }

    /// The hour of the day, 0 to 23, and the weekday, 0 for Monday, at a moment on the configured clock.
    package func clock(_ moment: Timestamp) -> (hour: Int, weekday: Int) {
        let second = moment.second + Int64((utcOffsetHours * 3600).rounded())
        let day = second.floorDivided(by: 86_400)
        // 1970 began on a Thursday.
        let weekday = day + 3 - 7 * (day + 3).floorDivided(by: 7)
        return (Int((second - day * 86_400) / 3600), Int(weekday))
    }
}

/// The rows of the ranker's table that hours and weekdays occupy.
struct TimeLookups {
    /// Lookups of a context.
    let width: Int
    private let times: TimeFeatures
    private let hours: [[Int32]]
    private let weekdays: [[Int32]]

    init(_ times: TimeFeatures, table: UnifiedTable) {
        func rows(_ feature: String, _ count: Int, behind before: Int) -> [[Int32]] {
            (0..<count).map { value in
                (0..<times.lookups).map {
                    if let first = times.first { return first + Int32((before + value) * times.lookups + $0) }
                    return table.row(
                        UnifiedTable.hash(String(value)), seed: UnifiedTable.seed(feature: feature, lookup: $0))
                }
            }
        }
        self.times = times
        width = 2 * times.lookups
        hours = rows("context.hour", 24, behind: 0)
        weekdays = rows("context.weekday", 7, behind: 24)
    }

    /// Appends those of a moment: of its hour, then of its weekday.
    func append(_ moment: Timestamp, to lookups: inout [Int32]) {
        let clock = times.clock(moment)
        lookups += hours[clock.hour]
        lookups += weekdays[clock.weekday]
    }
}
