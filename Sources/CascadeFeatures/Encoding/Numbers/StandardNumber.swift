import Foundation

/// A number clipped to where all but one in two hundred samples of each end lie, then of mean 0 and deviation 1: one
/// column. Logarithmic: the same of sign(x) · log(1 + |x|).
package struct StandardNumber: NumberEncoding {
    package var edges: [Float]
    package var isLogarithmic: Bool
    package var low: Float
    package var high: Float
    package var mean: Float
    package var deviation: Float

    /// Share of the samples that is clipped at each end.
    private static let clipped = 0.005

    static func fit(_ samples: NumberSamples, bins: Int) -> StandardNumber {
        fit(samples, bins: bins, isLogarithmic: false)
    }

    static func fit(_ samples: NumberSamples, bins: Int, isLogarithmic: Bool) -> StandardNumber {
        let sorted = samples.values.map { isLogarithmic ? logarithm($0) : $0 }.sorted()
        let place = Int(Double(sorted.count - 1) * clipped)
        let low = sorted.isEmpty ? 0 : sorted[max(0, place)]
        let high = sorted.isEmpty ? 0 : sorted[sorted.count - 1 - max(0, place)]
        let values = sorted.map { Double(min(max($0, low), high)) }
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
        return .init(
            edges: samples.quantiles(bins: bins), isLogarithmic: isLogarithmic, low: low, high: high,
            mean: Float(mean), deviation: Float(variance.squareRoot()))
    }

    var isConsistent: Bool { [low, high, mean, deviation].allSatisfy(\.isFinite) && low <= high }

    var columns: Int { deviation > 0 ? 1 : 0 }

    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>) {
        guard deviation > 0 else { return }
        let value = isLogarithmic ? Self.logarithm(value) : value
        output[0] = (min(max(value, low), high) - mean) / deviation
    }

    private static func logarithm(_ value: Float) -> Float {
        value < 0 ? -Foundation.log1p(-value) : Foundation.log1p(value)
    }
}
