import CascadeCore
import Foundation

/// What a value head of the ranker is trained to: the value of the feedback that answers an impression.
package struct ValueHeadSettings: Hashable, Sendable, Codable {
    /// Whose events carry the value; 0 where an impression recorded it and it was not given.
    package var signal: String
    package var loss = ValueLossKind.histogram
    /// Bins of the histogram.
    package var bins = 32
    /// How wide a target is spread over the bins: a deviation, in widths of a bin.
    package var sigma = 0.75
    /// What values are cut to, and the ends of the histogram; nil takes quantiles of the training period.
    package var minimum: Double?
    package var maximum: Double?
    /// What is learned in place of the value itself.
    package var transform = ValueTransform.none

    package init(signal: String) { self.signal = signal }

    private enum CodingKeys: String, CodingKey {
        case signal, loss, bins, sigma, minimum, maximum, transform
    }

    /// All but the signal may be left out.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(signal: try container.decode(String.self, forKey: .signal))
        loss = try container.decodeIfPresent(ValueLossKind.self, forKey: .loss) ?? loss
        bins = try container.decodeIfPresent(Int.self, forKey: .bins) ?? bins
        sigma = try container.decodeIfPresent(Double.self, forKey: .sigma) ?? sigma
        minimum = try container.decodeIfPresent(Double.self, forKey: .minimum)
        maximum = try container.decodeIfPresent(Double.self, forKey: .maximum)
        transform = try container.decodeIfPresent(ValueTransform.self, forKey: .transform) ?? transform
    }

    /// Deviations of a target that a fitted range leaves beyond the quantiles, so that targets there are not cut.
    static let reach = 3.0

    /// What is wrong with it, said of the key `path`; empty when it can be used.
    package func problems(under path: String) -> [String] {
        var found: [String] = []
        if signal.isEmpty { found.append("\(path).signal must name the feedback whose values are learned") }
        if !(2...1024).contains(bins) { found.append("\(path).bins must be 2 to 1024") }
        if !(sigma > 0 && sigma <= 10) { found.append("\(path).sigma must be above 0, at most 10") }
        if loss == .histogram, Double(bins) < 2 * Self.reach * sigma + 1 {
            let fewest = Int((2 * Self.reach * sigma).rounded(.up)) + 1
            found.append("\(path).bins must be at least \(fewest) for a sigma of \(sigma)")
        }
        if [minimum, maximum].contains(where: { $0?.isFinite == false }) {
            found.append("\(path).minimum and .maximum must be numbers")
        }
        if let minimum, let maximum, minimum >= maximum {
            found.append("\(path).minimum must be below \(path).maximum")
        }
        if transform == .log1p, [minimum, maximum].contains(where: { $0.map { $0 < 0 } ?? false }) {
            found.append("\(path).transform log1p is of values from 0 on; minimum and maximum must be 0 or more")
        }
        return found
    }
}

/// What training of a value head makes small.
package enum ValueLossKind: String, Hashable, Sendable, ChosenWord {
    /// Cross-entropy of a histogram against the value spread over its bins.
    case histogram
    /// Squared error of one number.
    case squared
}

/// What becomes of a value before it is learned.
package enum ValueTransform: String, Hashable, Sendable, ChosenWord {
    case none
    /// log(1 + value), for values from 0 on of which few are large.
    case log1p

    package func applied(to value: Double) -> Double { self == .none ? value : Foundation.log1p(value) }

    package func inverted(_ value: Double) -> Double { self == .none ? value : Foundation.expm1(value) }
}
