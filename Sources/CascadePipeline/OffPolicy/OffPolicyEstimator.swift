package import CascadeCore

/// Estimates what a policy would have earned from a log of another one. One file an estimator; a contract suite runs over all.
package protocol OffPolicyEstimator: Sendable {
    /// In tables and reports.
    var name: String { get }

    /// The value of the target policy, as a sum of rewards a slate, of a log that was checked.
    ///
    /// - Throws: `OffPolicyError.undefined` and `.noWeight`.
    func value(_ log: OffPolicyLog) throws(OffPolicyError) -> ClusteredRatio
}

/// An estimate with what it rests on.
package struct OffPolicyEstimate: Hashable, Sendable {
    package let estimator: String
    /// The sum of rewards a slate.
    package let value: Double
    /// Over users, by the delta method.
    package let standardError: Double
    /// 95 %, by the normal approximation.
    package let interval: ValueRange
}

/// How much of a log speaks of the target.
package struct OffPolicySupport: Hashable, Sendable {
    package let slates: Int
    package let users: Int
    /// `(Σw)² / Σw²` over slates by the weights of a place; of the place where it is least.
    package let effectiveSlates: Double
    package let greatestWeight: Double
    /// See `OffPolicyLog.unsupportedShare`.
    package let unsupportedShare: Double
}

extension OffPolicyEstimator {
    /// Checks a log and estimates.
    ///
    /// - Parameter unsupportedLimit: the share of the target's choices without a chance in the log up to which there is an
    ///   estimate; what they would earn counts as nothing (IPS) or as it is foretold (doubly robust).
    package func estimate(
        _ log: OffPolicyLog, unsupportedLimit: Double = OffPolicyLog.unsupportedLimit
    ) throws(OffPolicyError) -> OffPolicyEstimate {
        try log.check(unsupportedLimit: unsupportedLimit)
        let ratio = try value(log)
        guard let value = ratio.value, let error = ratio.standardError, let interval = ratio.interval else {
            throw .tooFewUsers(ratio.units)
        }
        return OffPolicyEstimate(estimator: name, value: value, standardError: error, interval: interval)
    }
}

extension OffPolicyLog {
    /// The share of choices without support that is borne unless told otherwise.
    package static let unsupportedLimit = 0.01

    /// Throws what makes any estimate worthless.
    package func check(unsupportedLimit: Double) throws(OffPolicyError) {
        let users = Set(slates.map(\.unit)).count
        guard users > 1 else { throw .tooFewUsers(users) }
        for slate in slates {
            for place in slate.places {
                guard place.logging > 0, place.logging <= 1 + 1e-9 else { throw .badProbability(place.logging) }
                guard place.target >= 0, place.target <= 1 + 1e-9 else { throw .badProbability(place.target) }
            }
        }
        let share = unsupportedShare
        guard share <= unsupportedLimit else { throw .noSupport(share: share, limit: unsupportedLimit) }
    }

    /// What an estimate from this log rests on.
    package var support: OffPolicySupport {
        var sums: [Double] = []
        var squares: [Double] = []
        var greatest = 0.0
        for slate in slates {
            for (place, weight) in weighting.weights(of: slate).own.enumerated() {
                if place == sums.count {
                    sums.append(0)
                    squares.append(0)
                }
                sums[place] += weight
                squares[place] += weight * weight
                greatest = max(greatest, weight)
            }
        }
        let effective = zip(sums, squares).map { $1 > 0 ? $0 * $0 / $1 : 0 }
        return OffPolicySupport(
            slates: slates.count, users: Set(slates.map(\.unit)).count, effectiveSlates: effective.min() ?? 0,
            greatestWeight: greatest, unsupportedShare: unsupportedShare)
    }
}

/// All estimators, by the order of tables.
package enum OffPolicyEstimators {
    package static func all(model: any RewardModel) -> [any OffPolicyEstimator] {
        [InverseProbabilityEstimator(), SelfNormalizedEstimator(), DoublyRobustEstimator(model: model)]
    }
}
