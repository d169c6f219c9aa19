import CascadeCore
import CascadeFeatures
import CascadeModels

/// The figures of some of the rows, such as those of new users.
package struct SliceMetrics: Sendable, Codable, Equatable {
    /// `users.new`, `users.known`, `users.past.1` to `4`, `items.new`, `items.known`, `items.popularity.1` to `10`.
    package let name: String
    /// What the name stands for here.
    package let title: String
    package let rows: Int
    package let positives: Int
    /// Nil where there are fewer than `RankerSlices.fewest` rows of either outcome, which tell nothing.
    package let figures: RankerFigures?

    package var isTooSmall: Bool { figures == nil }
}

/// Ways to part the evaluated rows: by who sees them and by what is shown.
///
/// What training met is what the log has up to the newest interaction that the release's features were fitted on.
struct RankerSlices {
    /// Rows of each outcome that a slice needs.
    static let fewest = 20

    private struct Slice {
        let name: String
        let title: String
        /// [impressions] whether each is in it.
        let contains: [Bool]
    }

    private let slices: [Slice]

    init(_ data: EvaluationData, _ impressions: ScoredImpressions) {
        let training = Self.training(data)
        slices =
            Self.users(data, impressions, known: training.users) + Self.pasts(data, impressions)
            + Self.items(impressions, shown: training.items) + Self.popularity(impressions, shown: training.items)
    }

    func metrics(_ head: HeadRows, bootstrap: BootstrapOptions) throws -> [SliceMetrics] {
        try slices.map { slice in
            let rows = head.filter { slice.contains[$0] }
            let isEnough = min(rows.positives, rows.count - rows.positives) >= Self.fewest
            return SliceMetrics(
                name: slice.name, title: slice.title, rows: rows.count, positives: rows.positives,
                figures: isEnough ? try RankerFigures(rows, bootstrap: bootstrap) : nil)
        }
    }

    /// [users] whether training met each; [items] how often it met each.
    private static func training(_ data: EvaluationData) -> (users: [Bool], items: [Int]) {
        var users = [Bool](repeating: false, count: data.users.count)
        var items = [Int](repeating: 0, count: data.bundle.rows.items.count)
        for row in 0..<data.log.count where data.log.time[row] <= data.bundle.map.fittedUntil {
            users[Int(data.log.user[row])] = true
            items[Int(data.log.item[row])] += 1
        }
        return (users, items)
    }

    private static func users(_ data: EvaluationData, _ impressions: ScoredImpressions, known: [Bool]) -> [Slice] {
        let isKnown = impressions.user.map { known[Int($0)] }
        return [
            Slice(name: "users.new", title: "users whom training did not meet", contains: isKnown.map { !$0 }),
            Slice(name: "users.known", title: "users whom training met", contains: isKnown),
        ]
    }

    /// Quarters of the evaluated users with a past, by its length where the period begins; equal lengths stay together.
    private static func pasts(_ data: EvaluationData, _ impressions: ScoredImpressions) -> [Slice] {
        var length: [Int32: Int] = [:]
        for user in impressions.user where length[user] == nil {
            length[user] = data.evaluatedRows(of: Int(user)).lowerBound - Int(data.log.userStart[Int(user)])
        }
        let sorted = length.values.filter { $0 > 0 }.sorted()
        let starts = (0..<4).map { sorted.isEmpty ? 0 : sorted[sorted.count * $0 / 4] }
        /// The last quarter that begins at or below the length; nil for no past.
        func quarter(_ length: Int) -> Int? { length > 0 ? starts.lastIndex { $0 <= length } : nil }
        let quarters = impressions.user.map { length[$0].flatMap(quarter) }
        return (0..<4).map { number in
            let own = sorted.filter { quarter($0) == number }
            let range = own.first.flatMap { low in own.last.map { low == $0 ? "\(low)" : "\(low) to \($0)" } }
            return Slice(
                name: "users.past.\(number + 1)",
                title: range.map { "users with a past of \($0) steps" }
                    ?? "users of quarter \(number + 1) by past: none",
                contains: quarters.map { $0 == number })
        }
    }

    private static func items(_ impressions: ScoredImpressions, shown: [Int]) -> [Slice] {
        let isKnown = impressions.item.map { shown[Int($0)] > 0 }
        return [
            Slice(name: "items.new", title: "items that training did not meet", contains: isKnown.map { !$0 }),
            Slice(name: "items.known", title: "items that training met", contains: isKnown),
        ]
    }

    /// Tenths of the items that training met, the most often met first, equal ones by row.
    private static func popularity(_ impressions: ScoredImpressions, shown: [Int]) -> [Slice] {
        let order = shown.indices.filter { shown[$0] > 0 }.sorted { (shown[$0], $1) > (shown[$1], $0) }
        var tenth = [Int](repeating: -1, count: shown.count)
        for (place, item) in order.enumerated() { tenth[item] = place * 10 / order.count }
        let ofRow = impressions.item.map { tenth[Int($0)] }
        return (0..<10).map { number in
            let own = order.filter { tenth[$0] == number }.map { shown[$0] }
            let range = own.last.flatMap { low in own.first.map { low == $0 ? "\(low)" : "\(low) to \($0)" } }
            return Slice(
                name: "items.popularity.\(number + 1)",
                title: range.map { "items that training met \($0) times" } ?? "items of tenth \(number + 1): none",
                contains: ofRow.map { $0 == number })
        }
    }
}
