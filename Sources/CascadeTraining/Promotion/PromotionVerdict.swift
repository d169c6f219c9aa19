import Foundation

/// How a release compares with the active one on the same interactions.
package struct PromotionVerdict: Sendable, Codable, Equatable {
    /// One figure of both.
    package struct Check: Sendable, Codable, Equatable {
        /// Such as `ranker.long_view.auc`.
        package let name: String
        package let candidate: Double
        package let active: Double
        /// The candidate's less that of the active one; of a loss, the other way round: more is better.
        package let gain: RankerDifference
        /// Whether the lower end of the interval lies within the margin.
        package let passes: Bool
    }

    package let margin: Double
    package let checks: [Check]

    /// Whether nothing that could be compared is worse than the margin allows.
    package var passes: Bool { checks.allSatisfy(\.passes) }

    /// The figures by name, for the release's metrics.
    package var numbers: [String: Double] {
        var result: [String: Double] = [:]
        for check in checks {
            result["promotion.\(check.name).gain"] = check.gain.value
            result["promotion.\(check.name).gain.low"] = check.gain.interval.low
        }
        return result
    }

    /// A line a check.
    package var lines: [String] {
        checks.map { check in
            String(
                format: "%@ %.4f, of the active release %.4f: %+.4f (%+.4f to %+.4f), %@", check.name, check.candidate,
                check.active, check.gain.value, check.gain.interval.low, check.gain.interval.high,
                check.passes ? "passes" : "may be worse by more than the margin of \(margin)")
        }
    }
}
