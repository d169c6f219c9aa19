import Hummingbird

/// Counts a request against its caller, tells what is left, and refuses what comes too fast.
struct RateGate: Sendable {
    let limiter: RateLimiter
    let metrics: HTTPMetrics

    private static let start = ContinuousClock.now

    /// - Throws: `RequestFailure` with `rateLimited`; never where the settings set no limit.
    func admit(_ caller: String, _ context: ServerContext) throws(RequestFailure) {
        let settings = limiter.settings
        guard settings.isOn else { return }
        let elapsed = Self.start.duration(to: context.arrival).components
        let now = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        let verdict = limiter.take(caller, at: now)
        context.headers.set(.rateLimitPolicy, "\"default\";q=\(settings.burst);w=\(settings.windowSeconds)")
        context.headers.set(.rateLimit, "\"default\";r=\(verdict.remaining);t=\(verdict.reset)")
        guard !verdict.isAdmitted else { return }
        metrics.rateLimited()
        throw RequestFailure(
            .rateLimited,
            "more than \(settings.burst) requests at once, or \(settings.requestsPerSecond) a second; repeat it after"
                + " \(verdict.retryAfter) s (`server.rate_limit`)", retryAfter: verdict.retryAfter)
    }
}
