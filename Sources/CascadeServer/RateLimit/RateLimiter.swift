import Synchronization

/// A token bucket for each caller, of a bounded number of callers.
///
/// A caller whose bucket is full again is as one who never came, so full buckets are dropped first when there is no room, then those
/// that nobody asked of for longest; such a caller may begin anew.
final class RateLimiter: Sendable {
    let settings: RateLimitSettings
    private let capacity: Int
    private let buckets = Mutex<[String: TokenBucket]>([:])

    init(_ settings: RateLimitSettings, capacity: Int = 10_000) {
        self.settings = settings
        self.capacity = capacity
    }

    /// How many callers are kept in mind.
    var count: Int { buckets.withLock { $0.count } }

    /// Takes a token of `caller` at `now`, in seconds of a steady clock.
    func take(_ caller: String, at now: Double) -> TokenBucket.Verdict {
        let (rate, size) = (settings.requestsPerSecond, Double(settings.burst))
        return buckets.withLock { buckets in
            if buckets[caller] == nil, buckets.count >= capacity { makeRoom(&buckets, now) }
            return buckets[caller, default: TokenBucket(size: size, at: now)].take(rate: rate, size: size, at: now)
        }
    }

    /// Makes room for a tenth of all, so that it is seldom done.
    private func makeRoom(_ buckets: inout [String: TokenBucket], _ now: Double) {
        let (rate, size) = (settings.requestsPerSecond, Double(settings.burst))
        buckets = buckets.filter { $0.value.level(rate: rate, size: size, at: now) < size }
        let wanted = capacity - max(1, capacity / 10)
        guard buckets.count > wanted else { return }
        for (caller, _) in buckets.sorted(by: { $0.value.updated < $1.value.updated }).prefix(buckets.count - wanted) {
            buckets[caller] = nil
        }
    }
}
