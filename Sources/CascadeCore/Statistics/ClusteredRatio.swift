/// The ratio of two sums over independent units (users, say), with its standard error by the delta method.
///
/// With `y` and `n` a unit's part of numerator and denominator: `R = Σy / Σn`, and
/// `Var(R) ≈ U / (U - 1) · Σ (y - R·n)² / (Σn)²` over `U` units (Deng, Knoblich and Lu, "Applying the delta method in
/// metric analytics", KDD 2018). The rows of one unit may hang together in any way.
package struct ClusteredRatio: Hashable, Sendable {
    /// How many units have part in it.
    package let units: Int
    package let numerator: Double
    package let denominator: Double
    /// nil without a denominator.
    package let value: Double?
    /// nil with fewer than two units, which say nothing of their differences.
    package let standardError: Double?

    /// Half the width of a 95 % interval in standard errors.
    package static let quantile = 1.959963984540054

    /// - Parameter parts: of each unit.
    package init(_ parts: some Collection<(numerator: Double, denominator: Double)>) {
        units = parts.count
        let numerator = parts.reduce(0) { $0 + $1.numerator }
        let denominator = parts.reduce(0) { $0 + $1.denominator }
        self.numerator = numerator
        self.denominator = denominator
        guard denominator > 0 else {
            value = nil
            standardError = nil
            return
        }
        let ratio = numerator / denominator
        value = ratio
        guard parts.count > 1 else {
            standardError = nil
            return
        }
        let squares = parts.reduce(0.0) { sum, part in
            let rest = part.numerator - ratio * part.denominator
            return sum + rest * rest
        }
        let scale = Double(parts.count) / Double(parts.count - 1)
        standardError = (scale * squares).squareRoot() / denominator
    }

    /// The 95 % interval by the normal approximation.
    package var interval: ValueRange? {
        guard let value, let standardError else { return nil }
        return ValueRange(around: value, Self.quantile * standardError)
    }
}
