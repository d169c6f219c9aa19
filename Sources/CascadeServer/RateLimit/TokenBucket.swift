/// A bucket that fills at a steady rate up to its size; each request takes a token. Without clocks and locks.
struct TokenBucket: Hashable {
    /// What became of a request.
    struct Verdict: Hashable {
        var isAdmitted: Bool
        /// Whole tokens that are left.
        var remaining: Int
        /// Seconds until the bucket is full.
        var reset: Int
        /// Seconds until there is a token, 1 at least; 0 for an admitted request.
        var retryAfter: Int
    }

    private(set) var tokens: Double
    /// Seconds of a steady clock.
    private(set) var updated: Double

    init(size: Double, at now: Double) {
        tokens = size
        updated = now
    }

    mutating func take(rate: Double, size: Double, at now: Double) -> Verdict {
        tokens = level(rate: rate, size: size, at: now)
        updated = max(updated, now)
        let isAdmitted = tokens >= 1
        if isAdmitted { tokens -= 1 }
        return Verdict(
            isAdmitted: isAdmitted, remaining: Int(tokens), reset: Int(((size - tokens) / rate).rounded(.up)),
            retryAfter: isAdmitted ? 0 : max(1, Int(((1 - tokens) / rate).rounded(.up))))
    }

    /// Tokens at a moment.
    func level(rate: Double, size: Double, at now: Double) -> Double {
        min(size, tokens + max(0, now - updated) * rate)
    }
}
