/// Bin edges where the main signal's rate changes: the thresholds of a decision tree over the one number, with the least
/// and the largest sample around them.
///
/// The tree grows best split first to `bins` leaves. A split is taken for how much it lowers Σ n p (1 − p), n the
/// impressions of a leaf and p their rate, where both sides keep `leastImpressions` and it lowers by more than
/// `leastGain` an impression. Source: Gorishniy et al. 2022, section 3.2, with a tree as in CART.
enum TargetBins {
    static let leastImpressions: Double = 64
    static let leastGain = 1e-5

    /// Quantiles where nothing was recorded.
    static func fit(_ samples: NumberSamples, bins: Int) -> PiecewiseLinear {
        guard let points = Points(samples) else { return .fit(samples, bins: bins) }
        var leaves = [points.leaf(0..<points.values.count)]
        while leaves.count < bins, let best = leaves.indices.max(by: { leaves[$0].gain < leaves[$1].gain }),
            let cut = leaves[best].cut
        {
            let leaf = leaves[best]
            leaves.replaceSubrange(
                best...best,
                with: [points.leaf(leaf.range.lowerBound..<cut), points.leaf(cut..<leaf.range.upperBound)])
        }
        let thresholds = leaves.dropFirst().map { leaf in
            let place = leaf.range.lowerBound
            return points.values[place - 1] + (points.values[place] - points.values[place - 1]) / 2
        }
        var edges: [Float] = []
        for edge in [points.values[0]] + thresholds + [points.values[points.values.count - 1]]
        where edges.last.map({ edge > $0 }) ?? true {
            edges.append(edge)
        }
        return .init(edges: edges.count < 2 ? [] : edges)
    }

    /// The distinct values in order with sums over those before each.
    private struct Points {
        var values: [Float] = []
        /// [values + 1].
        private var recorded: [Double] = [0]
        private var given: [Double] = [0]

        /// Nil where nothing was recorded or all values are equal.
        init?(_ samples: NumberSamples) {
            for index in samples.values.indices.sorted(by: { samples.values[$0] < samples.values[$1] }) {
                if values.last != samples.values[index] {
                    values.append(samples.values[index])
                    recorded.append(recorded[recorded.count - 1])
                    given.append(given[given.count - 1])
                }
                recorded[recorded.count - 1] += Double(samples.recorded[index])
                given[given.count - 1] += Double(samples.given[index])
            }
            guard values.count > 1, recorded[recorded.count - 1] > 0 else { return nil }
        }

        struct Leaf {
            let range: Range<Int>
            /// The first value of the right side of the best split; nil where none is allowed.
            let cut: Int?
            let gain: Double
        }

        /// The values of `range` with their best split.
        func leaf(_ range: Range<Int>) -> Leaf {
            let whole = impurity(range)
            var best: (cut: Int?, gain: Double) = (nil, 0)
            let least = leastGain * recorded[recorded.count - 1]
            for cut in range.dropFirst() {
                let (left, right) = (range.lowerBound..<cut, cut..<range.upperBound)
                guard impressions(left) >= leastImpressions, impressions(right) >= leastImpressions else { continue }
                let gain = whole - impurity(left) - impurity(right)
                if gain > max(best.gain, least) { best = (cut, gain) }
            }
            return Leaf(range: range, cut: best.cut, gain: best.gain)
        }

        private func impressions(_ range: Range<Int>) -> Double {
            recorded[range.upperBound] - recorded[range.lowerBound]
        }

        private func impurity(_ range: Range<Int>) -> Double {
            let count = impressions(range)
            guard count > 0 else { return 0 }
            let positives = given[range.upperBound] - given[range.lowerBound]
            return positives * (count - positives) / count
        }
    }
}
