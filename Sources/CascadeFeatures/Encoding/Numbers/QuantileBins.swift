/// A one in the column of the quantile bin that a number falls in; the outer bins reach outward without end.
package struct QuantileBins: NumberEncoding {
    package var edges: [Float]

    static func fit(_ samples: NumberSamples, bins: Int) -> QuantileBins { .init(edges: samples.quantiles(bins: bins)) }

    var columns: Int { max(0, edges.count - 1) }

    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>) {
        guard columns > 0 else { return }
        edges.withUnsafeBufferPointer { edges in
            var bin = 0
            while bin + 2 < edges.count, value >= edges[bin + 1] { bin += 1 }
            output[bin] = 1
        }
    }
}
