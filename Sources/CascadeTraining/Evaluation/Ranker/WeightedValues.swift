/// The rows of one value head, ready to be measured many times with weights of their users.
///
/// Users are those of a `UserBootstrap`.
struct WeightedValues: Sendable {
    /// [users] rows.
    private let ownRows: [Double]
    /// [users] sums over the user's rows.
    private let absolute: [Double]
    private let squared: [Double]
    /// [users] concordance of the user's rows; NaN for users whose values are all the same.
    private let ordered: [Double]

    /// - Parameter users: [rows] numbers from 0, as `UserBootstrap.userOf` has them.
    init(_ head: ValueRows, users: [Int32], userCount: Int) {
        var rows = [[Int]](repeating: [], count: userCount)
        for (row, user) in users.enumerated() { rows[Int(user)].append(row) }
        func sum(_ own: [Int], _ error: (Double) -> Double) -> Double {
            own.reduce(0) { $0 + error(Double(head.scores[$1]) - Double(head.values[$1])) }
        }
        ownRows = rows.map { Double($0.count) }
        absolute = rows.map { sum($0) { abs($0) } }
        squared = rows.map { sum($0) { $0 * $0 } }
        ordered = rows.map { own in
            Self.concordance(own.map { head.scores[$0] }, own.map { head.values[$0] }) ?? .nan
        }
    }

    /// Users with values of which one is greater than another.
    var groups: Int { ordered.count { !$0.isNaN } }

    /// Nil for no rows.
    func absoluteError(_ weights: [Double]) -> Double? { mean(absolute, weights) }

    /// Nil for no rows.
    func squaredError(_ weights: [Double]) -> Double? { mean(squared, weights) }

    /// Nil where no user has different values.
    func concordance(_ weights: [Double]) -> Double? {
        var (sum, rows) = (0.0, 0.0)
        for user in weights.indices where !ordered[user].isNaN {
            sum += weights[user] * ownRows[user] * ordered[user]
            rows += weights[user] * ownRows[user]
        }
        return rows > 0 ? sum / rows : nil
    }

    private func mean(_ sums: [Double], _ weights: [Double]) -> Double? {
        var (sum, rows) = (0.0, 0.0)
        for user in weights.indices {
            sum += weights[user] * sums[user]
            rows += weights[user] * ownRows[user]
        }
        return rows > 0 ? sum / rows : nil
    }

    /// The share of pairs with different values whose scores are in the same order, equal scores half; nil without such pairs.
    ///
    /// - Complexity: O(n log n): rows in the order of their values, and a tree of how many scores were met.
    static func concordance(_ scores: [Float], _ values: [Float]) -> Double? {
        let levels = Set(scores).sorted()
        let level = Dictionary(uniqueKeysWithValues: zip(levels, 0...))
        var met = PrefixCounts(count: levels.count)
        var (right, pairs) = (0.0, 0.0)
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            let places = order[start..<end].map { level[scores[$0]] ?? 0 }
            for place in places {
                let below = met.sum(before: place)
                right += Double(below) + Double(met.sum(before: place + 1) - below) / 2
                pairs += Double(start)
            }
            for place in places { met.add(place) }
            start = end
        }
        return pairs > 0 ? right / pairs : nil
    }
}

/// Counts of places whose sums up to any of them are told in logarithmic time (a Fenwick tree).
private struct PrefixCounts {
    private var tree: [Int]

    init(count: Int) { tree = [Int](repeating: 0, count: count + 1) }

    mutating func add(_ place: Int) {
        var index = place + 1
        while index < tree.count {
            tree[index] += 1
            index += index & -index
        }
    }

    func sum(before place: Int) -> Int {
        var (index, sum) = (place, 0)
        while index > 0 {
            sum += tree[index]
            index -= index & -index
        }
        return sum
    }
}
