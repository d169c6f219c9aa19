import CascadeObservability
import HTTPTypes
import Hummingbird

/// Refuses the requests of a caller that come faster than the settings allow, and tells every caller what is left.
///
/// A caller is an API key, or an address where no key is asked for. Probes are answered always.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let limiter: RateLimiter
    /// Templates of what is not counted.
    let exempt: Set<String>
    let metrics: HTTPMetrics

    private static let start = ContinuousClock.now

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let settings = limiter.settings
        guard settings.isOn, !exempt.contains(context.endpointPath ?? "") else {
            return try await next(request, context)
        }
        let elapsed = Self.start.duration(to: context.arrival).components
        let now = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        let verdict = limiter.take(context.keyID ?? context.address, at: now)
        context.headers.set(.rateLimitPolicy, "\"default\";q=\(settings.burst);w=\(settings.windowSeconds)")
        context.headers.set(.rateLimit, "\"default\";r=\(verdict.remaining);t=\(verdict.reset)")
        guard verdict.isAdmitted else {
            metrics.rateLimited()
            throw RequestFailure(
                .rateLimited,
                "more than \(settings.burst) requests at once, or \(settings.requestsPerSecond) a second; repeat it after"
                    + " \(verdict.retryAfter) s (`server.rate_limit`)", retryAfter: verdict.retryAfter)
        }
        return try await next(request, context)
    }
}
