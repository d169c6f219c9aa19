import Foundation

/// A sigmoid in the middle of each quantile bin, as steep as the bin is narrow: `σ(4 (x − m_t) / (b_t − b_{t−1}))`,
/// m_t = (b_{t−1} + b_t) / 2. A smooth form of the piecewise linear encoding: about 0.12 and 0.88 at the edges.
package struct QuantileSigmoids: NumberEncoding {
    package var edges: [Float]

    static func fit(_ samples: NumberSamples, bins: Int) -> QuantileSigmoids {
        .init(edges: samples.quantiles(bins: bins))
    }

    var columns: Int { max(0, edges.count - 1) }

    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>) {
        let bins = columns
        edges.withUnsafeBufferPointer { edges in
            for bin in 0..<bins {
                let width = edges[bin + 1] - edges[bin]
                output[bin] = 1 / (1 + exp(-4 * (value - edges[bin] - width / 2) / width))
            }
        }
    }
}
