/// Piecewise linear over bins.
///
/// With edges b₀ < … < b_T, column t is 0 below b_{t-1}, 1 above b_t, (x − b_{t-1})/(b_t − b_{t-1}) between; the first
/// and the last column are not clipped outward but limited to ±`reach` bins, so that an outlier cannot dominate.
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning".
package struct PiecewiseLinear: NumberEncoding {
    /// Bin edges, strictly increasing; fewer than two: the feature was constant and only "missing" is told.
    package var edges: [Float]

    package init(edges: [Float]) { self.edges = edges }

    /// How many bins beyond the outer edges a value can reach.
    package static let reach: Float = 1

    static func fit(_ samples: NumberSamples, bins: Int) -> PiecewiseLinear {
        .init(edges: samples.quantiles(bins: bins))
    }

    var columns: Int { max(0, edges.count - 1) }

    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>) {
        let bins = columns
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
