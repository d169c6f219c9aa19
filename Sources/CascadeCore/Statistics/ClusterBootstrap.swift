/// Intervals of means by drawing whole units (users, say) with replacement, since the rows of a unit hang together.
///
/// Percentile intervals (Efron and Tibshirani, "An introduction to the bootstrap", 1993, section 13.3); the seed fixes
/// every draw.
package struct ClusterBootstrap: Sendable {
    private let units: [Int32]
    private let count: Int
    private let draws: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - units: [rows] the unit of each row, numbered from 0 without gaps.
    ///   - draws: how often; fewer than 40 give no 95 % interval worth the name.
    package init(units: [Int32], draws: Int = 400, seed: UInt64 = 1) {
        self.units = units
        self.draws = draws
        self.seed = seed
        count = units.max().map { Int($0) + 1 } ?? 0
    }

    /// The 95 % interval of the mean of each column over its rows that are numbers; nil for a column without any, and
    /// where there is one unit only.
    ///
    /// - Complexity: O(draws · units · columns).
    package func intervals(of columns: [[Double]]) -> [ValueRange?] {
        guard count > 1, draws > 0 else { return columns.map { _ in nil } }
        let sums = columns.map(totals)
        var means = columns.map { _ in [Double]() }
        var random = SeededRandom(seed: seed)
        var times = [Double](repeating: 0, count: count)
        for _ in 0..<draws {
            for unit in 0..<count { times[unit] = 0 }
            for _ in 0..<count { times[random.below(count)] += 1 }
            for (column, total) in sums.enumerated() {
                var sum = 0.0
                var rows = 0.0
                for unit in 0..<count where times[unit] > 0 {
                    sum += times[unit] * total.sum[unit]
                    rows += times[unit] * total.rows[unit]
                }
                if rows > 0 { means[column].append(sum / rows) }
            }
        }
        return means.map { Self.middle($0, of: draws) }
    }

    private func totals(_ column: [Double]) -> (sum: [Double], rows: [Double]) {
        var sum = [Double](repeating: 0, count: count)
        var rows = sum
        for (value, unit) in zip(column, units) where !value.isNaN {
            sum[Int(unit)] += value
            rows[Int(unit)] += 1
        }
        return (sum, rows)
    }

    private static func middle(_ means: [Double], of draws: Int) -> ValueRange? {
        guard means.count * 2 >= draws, !means.isEmpty else { return nil }
        let sorted = means.sorted()
        let last = Double(sorted.count - 1)
        return ValueRange(low: sorted[Int((0.025 * last).rounded())], high: sorted[Int((0.975 * last).rounded())])
    }
}
