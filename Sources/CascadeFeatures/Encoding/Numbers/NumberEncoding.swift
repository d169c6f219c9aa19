import CascadeCore

/// One way from a number to columns, fitted on the training period.
///
/// `missing` is a column of its own for every member (`NumberEncoder`), so members see finite numbers only.
protocol NumberEncoding: Hashable, Sendable, Codable {
    /// Fits on samples; `bins` is the most columns of a member that cuts the range.
    static func fit(_ samples: NumberSamples, bins: Int) -> Self
    /// Where the range is cut, strictly increasing; fewer than two where all samples were equal. Also what tells
    /// neighbouring numbers apart when something is counted by them.
    var edges: [Float] { get }
    /// Columns that `encode` writes.
    var columns: Int { get }
    /// Whether what it holds beside the edges fits together, so that it can be used as it was read.
    var isConsistent: Bool { get }
    /// Writes the columns of a finite number over zeros.
    func encode(_ value: Float, into output: UnsafeMutablePointer<Float>)
}

extension NumberEncoding {
    var isConsistent: Bool { true }
}

/// The ways to encode numbers that the configuration can name.
package enum NumberEncodingKind: String, Hashable, Sendable, ChosenWord {
    /// Piecewise linear over quantiles.
    case piecewiseLinear = "piecewise_linear"
    /// Piecewise linear over the thresholds of a tree that foretells the main signal from the number.
    case targetBins = "target_bins"
    /// A one in the column of the quantile bin.
    case quantileBins = "quantile_bins"
    /// A sigmoid at each quantile.
    case sigmoids
    /// The share of samples that are smaller.
    case distribution
    /// Clipped, then of mean 0 and deviation 1.
    case clip
    /// The same of sign(x) · log(1 + |x|).
    case log1p

    /// The most columns of a number, without that of "missing".
    package func columns(bins: Int) -> Int {
        switch self {
        case .piecewiseLinear, .targetBins, .quantileBins, .sigmoids: bins
        case .distribution, .clip, .log1p: 1
        }
    }

    /// Fits an encoder on samples.
    package func fit(_ samples: NumberSamples, bins: Int) -> NumberEncoder {
        switch self {
        case .piecewiseLinear: .piecewiseLinear(.fit(samples, bins: bins))
        case .targetBins: .piecewiseLinear(TargetBins.fit(samples, bins: bins))
        case .quantileBins: .quantileBins(.fit(samples, bins: bins))
        case .sigmoids: .sigmoids(.fit(samples, bins: bins))
        case .distribution: .distribution(.fit(samples, bins: bins))
        case .clip: .standard(.fit(samples, bins: bins))
        case .log1p: .standard(.fit(samples, bins: bins, isLogarithmic: true))
        }
    }
}
