import CascadeCore

/// Where the numbers of the counters lie in a row, before they are encoded.
///
/// With K keys and H counted heads:
///
///     K × (H + 1)   of each key over everybody: log odds of each head's rate, log(1 + impressions)
///     H + 5         of the user's past: log odds of each head's rate, log(1 + steps), residual, expected rate, rate of
///                   the last 5 and of the last 15 steps
///     K × (H + 2)   of each key within the user's past: log odds of each head against the user's own, log(1 + steps),
///                   share of the past
///     H             sum of the log odds of the item's and of the user's rate
///     windows       of each counter over each of its windows of time: see `WindowedCounters.columns`
///     times         log seconds since the user's last step and of the item's age: see `TimeFeatures`
///
/// Without keys (`features.schema.counters: []`) nothing is counted, of users neither: windows and times alone are left.
package struct CounterLayout: Hashable, Sendable {
    package let keys: Int
    package let heads: Int
    /// Columns of the counters over windows of time.
    package let windowColumns: Int
    /// Columns of the times.
    package let timeColumns: Int

    /// Heads beyond the two most frequent are predicted but not counted: their columns cost more than they tell.
    package static let maximumHeads = WindowedCounters.maximumHeads

    package init(keys: Int, heads: Int, windowColumns: Int = 0, timeColumns: Int = 0) {
        self.keys = keys
        self.heads = heads
        self.windowColumns = windowColumns
        self.timeColumns = timeColumns
    }

    /// Whether there is anything in front of the windows.
    var isCounting: Bool { heads > 0 && keys > 0 }

    var userOffset: Int { keys * (heads + 1) }
    var pairOffset: Int { userOffset + heads + 5 }
    var sumOffset: Int { pairOffset + keys * (heads + 2) }

    /// Where the numbers of the windows begin, which `CounterEncoder` does not write.
    package var windowOffset: Int { isCounting ? sumOffset + heads : 0 }

    /// Where the times begin, behind the windows.
    package var timeOffset: Int { heads == 0 ? 0 : windowOffset + windowColumns }

    /// Numbers a row; none when nothing is counted.
    package var columns: Int { heads == 0 ? 0 : timeOffset + timeColumns }
}
