package import CascadeCore

/// What is kept from training and evaluated.
package enum HeldOut: Sendable, Equatable {
    /// What happened in a period.
    case period(Period)
    /// The last share of the interactions of every user: for logs whose times mean nothing but an order within a user.
    case last(share: Double)

    /// Where the last `share` of a user's rows begins; rows of one second are not taken apart.
    ///
    /// - Parameter rows: of one user, by time.
    static func cut(_ rows: Range<Int>, share: Double, time: Column<Int64>) -> Int {
        var place = rows.upperBound - Int(Double(rows.count) * share)
        guard place < rows.upperBound else { return place }
        let second = Timestamp(microseconds: time[place]).second
        while place > rows.lowerBound, Timestamp(microseconds: time[place - 1]).second == second { place -= 1 }
        return place
    }

    /// The part of a log, sorted by user and time, that training gets.
    func withheld(from log: InteractionLog) -> InteractionLog {
        switch self {
        case .period(let period):
            var kept = log.rows { !period.contains(Timestamp(microseconds: log.time[$0])) }.compacted()
            kept.answers = log.answers.map { answers in
                answers.rows { !period.contains(Timestamp(microseconds: answers.time[$0])) }
            }
            return kept
        case .last(let share):
            var keeps = Column(repeating: true, count: log.count, at: log.place)
            var start = 0
            while start < log.count {
                var end = start
                while end < log.count, log.userIndex[end] == log.userIndex[start] { end += 1 }
                for row in Self.cut(start..<end, share: share, time: log.time)..<end { keeps[row] = false }
                start = end
            }
            return log.rows { keeps[$0] }.compacted()
        }
    }
}
