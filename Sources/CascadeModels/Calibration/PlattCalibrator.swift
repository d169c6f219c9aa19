import Foundation

/// A line over the log odds: `slope · x + offset`.
///
/// It mends a ranker that is too sure of itself everywhere alike, or too hopeful, with two numbers, so few rows are enough.
/// In place of 0 and 1 rows are fitted to 1 / (N₋ + 2) and (N₊ + 1) / (N₊ + 2), as if one more row of each outcome had been seen.
/// Source: Platt, "Probabilistic outputs for support vector machines" (1999).
package struct PlattCalibrator: Calibrator, Equatable {
    package static let method = CalibrationMethod.platt

    package let slope: Double
    package let offset: Double

    /// Weight of the squared distance from the identity: nothing beside a handful of rows, but there is always one minimum.
    private static let pull = 1e-6
    private static let steps = 100

    package init(slope: Double, offset: Double) {
        self.slope = slope
        self.offset = offset
    }

    /// Minimises Σ −t ln p − (1 − t) ln(1 − p) over the smoothed targets t by Newton's method. A step that raises the loss
    /// is halved; the loss is convex, so what is found is the minimum.
    package init(logOdds: [Double], labels: [Bool]) throws(CalibrationError) {
        let positives = try CalibrationError.check(labels)
        let high = Double(positives + 1) / Double(positives + 2)
        let low = 1 / Double(labels.count - positives + 2)
        let rows = zip(logOdds, labels).map { (x: $0, t: $1 ? high : low) }
        // Rows that are all alike tell no slope.
        if let first = logOdds.first, logOdds.allSatisfy({ $0 == first }) {
            let mean = rows.reduce(0) { $0 + $1.t } / Double(rows.count)
            self.init(slope: 1, offset: log(mean / (1 - mean)) - first)
            return
        }
        var (slope, offset) = (1.0, 0.0)
        var loss = Self.loss(rows, slope, offset)
        for _ in 0..<Self.steps {
            let step = Self.step(rows, slope, offset)
            var scale = 1.0
            var next = Self.loss(rows, slope - step.slope, offset - step.offset)
            while !(next <= loss), scale > 1e-10 {
                scale /= 2
                next = Self.loss(rows, slope - scale * step.slope, offset - scale * step.offset)
            }
            guard next <= loss else { break }
            slope -= scale * step.slope
            offset -= scale * step.offset
            let gain = loss - next
            loss = next
            if gain <= 1e-12 * max(1, loss) { break }
        }
        guard slope > 0 else { throw .unordered(slope: slope) }
        self.init(slope: slope, offset: offset)
    }

    package func calibrated(_ logOdds: Double) -> Double { slope * logOdds + offset }

    package var problem: String? {
        slope.isFinite && offset.isFinite && slope > 0 ? nil : "a slope of \(slope) and an offset of \(offset)"
    }

    private static func loss(_ rows: [(x: Double, t: Double)], _ slope: Double, _ offset: Double) -> Double {
        var total = pull / 2 * ((slope - 1) * (slope - 1) + offset * offset)
        for row in rows {
            let z = slope * row.x + offset
            // −t ln p − (1 − t) ln(1 − p) = ln(1 + e^z) − t z, kept from overflow.
            total += max(z, 0) + log1p(exp(-abs(z))) - row.t * z
        }
        return total
    }

    /// The gradient divided by the matrix of second derivatives.
    private static func step(
        _ rows: [(x: Double, t: Double)], _ slope: Double, _ offset: Double
    ) -> (slope: Double, offset: Double) {
        var (gradientSlope, gradientOffset) = (pull * (slope - 1), pull * offset)
        var (xx, x, one) = (pull, 0.0, pull)
        for row in rows {
            let p = 1 / (1 + exp(-(slope * row.x + offset)))
            let weight = p * (1 - p)
            gradientSlope += (p - row.t) * row.x
            gradientOffset += p - row.t
            xx += weight * row.x * row.x
            x += weight * row.x
            one += weight
        }
        let determinant = xx * one - x * x
        return (
            (one * gradientSlope - x * gradientOffset) / determinant,
            (xx * gradientOffset - x * gradientSlope) / determinant
        )
    }
}
