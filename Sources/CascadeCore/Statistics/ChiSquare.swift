import Foundation

/// Pearson's test of counts against the shares that they should have.
package struct ChiSquareTest: Hashable, Sendable {
    package let statistic: Double
    package let degreesOfFreedom: Int
    /// The probability of a statistic as large where the shares hold.
    package let pValue: Double

    /// - Parameters:
    ///   - counts: of each kind.
    ///   - shares: positive and as many; they are scaled to sum to 1.
    package init?(counts: [Int], shares: [Double]) {
        let total = Double(counts.reduce(0, +))
        let whole = shares.reduce(0, +)
        guard counts.count == shares.count, counts.count > 1, total > 0, shares.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        statistic = zip(counts, shares).reduce(0) { sum, pair in
            let expected = total * pair.1 / whole
            return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
        }
        degreesOfFreedom = counts.count - 1
        pValue = Self.upperTail(statistic, degreesOfFreedom: degreesOfFreedom)
    }

    /// `P(X > x)` for a chi-square variable: the upper regularized incomplete gamma function `Q(k/2, x/2)`, by its series
    /// below `k/2 + 1` and by Lentz's continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31).
    package static func upperTail(_ x: Double, degreesOfFreedom: Int) -> Double {
        let shape = Double(degreesOfFreedom) / 2
        let point = x / 2
        guard point > 0 else { return 1 }
        let scale = exp(shape * log(point) - point - lgamma(shape))
        if point < shape + 1 {
            var term = 1 / shape
            var sum = term
            var step = shape
            while abs(term) > abs(sum) * 1e-16 {
                step += 1
                term *= point / step
                sum += term
            }
            return max(0, 1 - scale * sum)
        }
        let tiny = 1e-300
        var b = point + 1 - shape
        var c = 1 / tiny
        var d = 1 / b
        var fraction = d
        for index in 1...10_000 {
            let factor = Double(index) * (shape - Double(index))
            b += 2
            d = factor * d + b
            if abs(d) < tiny { d = tiny }
            c = b + factor / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            fraction *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return min(1, scale * fraction)
    }
}
