/// Piecewise linear encoding of one number over quantile bins, with a column for "missing".
///
/// With edges b₀ < … < b_T, column t is 0 below b_{t-1}, 1 above b_t, (x − b_{t-1})/(b_t − b_{t-1}) between; the first
/// and the last column are not clipped outward but limited to ±`reach` bins, so that an outlier cannot dominate.
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning".
package struct PiecewiseLinear: Hashable, Sendable, Codable {
    /// Bin edges, strictly increasing; fewer than two: the feature was constant and only "missing" is told.
    package var edges: [Float]

    package init(edges: [Float]) { self.edges = edges }

    /// How many bins beyond the outer edges a value can reach.
    package static let reach: Float = 1

    /// Edges at `bins` + 1 quantiles of the finite ones of `values`; equal quantiles are merged.
    ///
    /// - Complexity: O(n log n).
    package static func quantiles(of values: [Float], bins: Int) -> PiecewiseLinear {
        let sorted = values.filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last, first < last else { return .init(edges: []) }
        var edges: [Float] = []
        for step in 0...bins {
            let place = Double(step) / Double(bins) * Double(sorted.count - 1)
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            let value = sorted[below] + Float(place - Double(below)) * (sorted[above] - sorted[below])
            if edges.last.map({ value > $0 }) ?? true { edges.append(value) }
        }
        return .init(edges: edges.count < 2 ? [] : edges)
    }

    /// Writes `width` floats: the bins (zero beyond those the feature has), then 1 where `value` is missing (NaN).
    package func encode(_ value: Float, into output: UnsafeMutablePointer<Float>, width: Int) {
        output.update(repeating: 0, count: width)
        guard value.isFinite else {
            output[width - 1] = 1
            return
        }
        let bins = edges.count - 1
        guard bins >= 1 else { return }
        edges.withUnsafeBufferPointer { edges in
            for bin in 0..<bins {
                let low = edges[bin]
                if value < low && bin > 0 { break }
                var share = (value - low) / (edges[bin + 1] - low)
                if bin > 0 || share < -Self.reach { share = max(share, bin > 0 ? 0 : -Self.reach) }
                if bin < bins - 1 { share = min(share, 1) } else { share = min(share, 1 + Self.reach) }
                output[bin] = share
            }
        }
    }
}
