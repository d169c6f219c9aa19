package import CascadeCore

/// Turns the counts of a row's windows into its columns; the one way in training and in serving.
///
/// A rate is smoothed by impressions at the prior, fewer of them for a counter that tells users apart, since each has seen
/// little. It never exceeds one: feedback that comes twice, or that its impression was not said to record, counts as
/// recorded.
package struct WindowedLayout: Sendable {
    package let definition: WindowedCounters
    /// The rate of each counted head over all impressions of training.
    private let priors: [Float]

    package init(definition: WindowedCounters, rates: [Double]) {
        self.definition = definition
        priors = rates.prefix(definition.heads.count).map(Float.init)
    }

    /// Writes `definition.columns` numbers for `definition.totals` counts.
    package func write(_ totals: UnsafePointer<Int32>, into output: UnsafeMutablePointer<Float>) {
        let heads = priors.count
        var input = totals
        var column = output
        for counter in definition.counters {
            for _ in counter.over {
                for head in 0..<heads {
                    let prior = priors[head]
                    let smoothing =
                        counter.isOfUsers ? CounterSmoothing.user(rate: prior) : CounterSmoothing.item(rate: prior)
                    // Rows that were deleted by hand under another key can leave less than nothing.
                    let given = max(0, Float(input[1 + heads + head]))
                    let recorded = max(Float(input[1 + head]), given)
                    column[head] = CounterSmoothing.logOdds((given + smoothing * prior) / (recorded + smoothing))
                }
                column[heads] = CounterSmoothing.logCount(max(0, Float(input[0])))
                column += heads + 1
                input += 1 + 2 * heads
            }
        }
    }

    /// The columns of one row after another: [rows × columns] for [rows × totals].
    package func columns(of totals: [Int32]) -> [Float] {
        let rows = definition.totals == 0 ? 0 : totals.count / definition.totals
        var result = [Float](repeating: 0, count: rows * definition.columns)
        totals.withUnsafeBufferPointer { input in
            result.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                for row in 0..<rows { write(from + row * definition.totals, into: to + row * definition.columns) }
            }
        }
        return result
    }

    /// The columns of a row of which nothing was counted.
    package var empty: [Float] { columns(of: [Int32](repeating: 0, count: definition.totals)) }
}

extension FeatureMap {
    /// How windows become columns; nil in a release that counts in none.
    package var windowedLayout: WindowedLayout? {
        windows.map { WindowedLayout(definition: $0, rates: headRates) }
    }
}
