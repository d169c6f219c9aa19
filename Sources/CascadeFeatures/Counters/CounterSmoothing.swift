import Foundation

/// How counts become numbers: impressions at the prior's rate are added before dividing, rates are told as log odds.
enum CounterSmoothing {
    /// Impressions added to a key's counts for a head of `rate`: rare feedback needs more.
    static func item(rate: Float) -> Float { min(100, max(20, 2 / max(rate, 1e-6))) }
    /// Steps added to a user's counts.
    static func user(rate: Float) -> Float { min(20, max(5, 0.3 / max(rate, 1e-6))) }
    /// Steps at the user's own rate added to the counts of a key within a past.
    static let pair: Float = 3

    /// log(p / (1 − p)), with p kept off 0 and 1.
    static func logOdds(_ rate: Float) -> Float {
        let kept = min(max(rate, 1e-4), 1 - 1e-4)
        return log(kept / (1 - kept))
    }

    /// log(1 + n).
    static func logCount(_ count: Float) -> Float { log1p(max(0, count)) }
}
