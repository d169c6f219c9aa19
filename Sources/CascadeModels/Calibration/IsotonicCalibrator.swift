import Foundation

/// A monotone map: rows in the order of their log odds are taken in groups, which are pooled into blocks until no block is
/// more often positive than the next; between the means of two blocks log odds are interpolated linearly.
///
/// It mends any monotone error and needs many rows for it. A group has √rows of them, and one more that is as often positive
/// as all: alone, the first and last rows would be fitted to 0 and 1, at a great loss on the next ones. Rows beyond the
/// outermost blocks keep their distance from them, so that even there the order of the ranker stays.
/// Source: Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability estimates" (2002).
package struct IsotonicCalibrator: Calibrator, Equatable {
    package static let method = CalibrationMethod.isotonic

    /// [blocks] mean log odds of the ranker, ascending.
    package let points: [Double]
    /// [blocks] log odds of what happened, ascending.
    package let values: [Double]

    package init(points: [Double], values: [Double]) {
        self.points = points
        self.values = values
    }

    /// Pools adjacent violators; O(rows log rows). Rows with equal log odds are in one group.
    package init(logOdds: [Double], labels: [Bool]) throws(CalibrationError) {
        let rate = Double(try CalibrationError.check(labels)) / Double(labels.count)
        let least = Double(labels.count).squareRoot()
        let order = logOdds.indices.sorted { (logOdds[$0], $0) < (logOdds[$1], $1) }
        var groups: [Block] = []
        for (place, row) in order.enumerated() {
            let isTied = place > 0 && logOdds[order[place - 1]] == logOdds[row]
            if groups.isEmpty || (groups[groups.count - 1].rows >= least && !isTied) { groups.append(Block()) }
            groups[groups.count - 1].add(logOdds[row], isPositive: labels[row])
        }
        if groups.count > 1, let rest = groups.last, rest.rows < least {
            groups.removeLast()
            groups[groups.count - 1].add(rest)
        }
        var pooled: [Block] = []
        for var block in groups {
            block.pseudoRows = 1
            // Means of rows that differ by the last bit can be equal.
            while let last = pooled.last, last.rate(rate) >= block.rate(rate) || last.point >= block.point {
                block.add(last)
                pooled.removeLast()
            }
            pooled.append(block)
        }
        self.init(
            points: pooled.map(\.point), values: pooled.map { log($0.rate(rate) / (1 - $0.rate(rate))) })
    }

    private struct Block {
        var rows = 0.0
        var logOdds = 0.0
        var positives = 0.0
        /// Rows that are as often positive as all.
        var pseudoRows = 0.0

        var point: Double { logOdds / rows }

        func rate(_ overall: Double) -> Double { (positives + pseudoRows * overall) / (rows + pseudoRows) }

        mutating func add(_ logOdds: Double, isPositive: Bool) {
            rows += 1
            self.logOdds += logOdds
            positives += isPositive ? 1 : 0
        }

        mutating func add(_ other: Block) {
            rows += other.rows
            logOdds += other.logOdds
            positives += other.positives
            pseudoRows += other.pseudoRows
        }
    }

    package func calibrated(_ logOdds: Double) -> Double {
        guard let first = points.first, let last = points.last, let low = values.first, let high = values.last else {
            return logOdds
        }
        if logOdds <= first { return low + (logOdds - first) }
        if logOdds >= last { return high + (logOdds - last) }
        // The last point that is not greater.
        var (lower, upper) = (0, points.count - 1)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if points[middle] <= logOdds { lower = middle } else { upper = middle }
        }
        let share = (logOdds - points[lower]) / (points[upper] - points[lower])
        return values[lower] + share * (values[upper] - values[lower])
    }

    package var problem: String? {
        guard !points.isEmpty, points.count == values.count else {
            return "\(points.count) points with \(values.count) values"
        }
        guard (points + values).allSatisfy(\.isFinite) else { return "a point that is no number" }
        for index in points.indices.dropFirst()
        where points[index] <= points[index - 1] || values[index] < values[index - 1] {
            return "point \(index + 1) out of order"
        }
        return nil
    }
}
