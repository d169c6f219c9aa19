import CascadeCore

/// How often the impressions of each user and each item recorded and gave a signal in the training period: what encodings
/// that look at the target are fitted with.
struct EntityTargets {
    /// By row of an entity.
    struct Counts {
        var recorded: [Float]
        var given: [Float]
    }

    private(set) var users: Counts
    private(set) var items: Counts

    /// - Parameter signal: its bit in the masks of `log`; 0 counts nothing.
    init(_ log: InteractionLog, _ rows: EntityRows, signal: UInt32) {
        func none(_ count: Int) -> Counts {
            Counts(recorded: [Float](repeating: 0, count: count), given: [Float](repeating: 0, count: count))
        }
        users = none(rows.users.count)
        items = none(rows.items.count)
        let userRow = log.users.map { rows.userRow[$0] ?? -1 }
        let itemRow = log.items.map { rows.itemRow[$0] ?? -1 }
        for row in 0..<log.count where log.isImpression[row] && log.observed[row] & signal != 0 {
            let given: Float = log.feedback[row] & signal != 0 ? 1 : 0
            Self.add(given, to: &users, at: userRow[Int(log.userIndex[row])])
            Self.add(given, to: &items, at: itemRow[Int(log.itemIndex[row])])
        }
    }

    private static func add(_ given: Float, to counts: inout Counts, at row: Int32) {
        guard row >= 0 else { return }
        counts.recorded[Int(row)] += 1
        counts.given[Int(row)] += given
    }
}
