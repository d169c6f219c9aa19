import Foundation

/// Why the value of a policy cannot be told from a log; each text says what to do.
package enum OffPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Fewer than two users with slates.
    case tooFewUsers(Int)
    /// The target policy shows too much that the logging policy never could.
    case noSupport(share: Double, limit: Double)
    /// A probability of the log that can be none.
    case badProbability(Double)
    /// No slate of the log could be one of the target's.
    case noWeight
    /// The estimator is not defined for these weights.
    case undefined(estimator: String, weighting: String)

    package var description: String {
        switch self {
        case .tooFewUsers(let count):
            "the log has slates of \(count) users, and an interval takes 2 or more; take a longer period"
        case .noSupport(let share, let limit):
            String(
                format: """
                    %.1f %% of what the target policy would show had no chance of being shown in the log (at most %.1f %% \
                    may): serve with pipeline.exploration for a while, or choose a target nearer to what was served
                    """, 100 * share, 100 * limit)
        case .badProbability(let value):
            "the log has the probability \(value), which must be above 0 and at most 1; leave such rows out"
        case .noWeight:
            "no logged slate could be one of the target policy; take more slates, or a target nearer to what was served"
        case .undefined(let estimator, let weighting):
            "\(estimator) is not defined with \(weighting) weights; take sequential ones"
        }
    }
}
