import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Which requests are sent again, and when.
///
/// Sent again is what comes out the same: `GET`, `PUT`, `DELETE`, and a `POST` with an idempotency key, where no answer came, or one of
/// 429, 503 or 409 `idempotency_in_flight` with `Retry-After`.
struct RetryRules: Sendable {
    /// How often a request is repeated at most.
    let retries: Int
    /// A server that asks for a longer pause is not asked again.
    let longestPause: Duration

    /// The first pause after a failure of the transport; each is twice the one before.
    private static let firstPause = Duration.milliseconds(100)

    static func isRepeatable(_ request: URLRequest) -> Bool {
        switch request.httpMethod {
        case "GET", "PUT", "DELETE": true
        case "POST": request.value(forHTTPHeaderField: "Idempotency-Key") != nil
        default: false
        }
    }

    /// The pause before a request that was answered so is sent again; nil for not at all.
    func pause(after reply: CascadeClient.Reply, _ problem: CascadeClient.Problem?) -> Duration? {
        guard let seconds = reply.retryAfter, .seconds(seconds) <= longestPause else { return nil }
        guard [429, 503].contains(reply.status) || problem?.code == .idempotencyInFlight else { return nil }
        return .seconds(seconds)
    }

    /// The pause after failure number `failure` of the transport, from 0; up to half of it is left to chance, so that clients that lost
    /// a server together do not come back together.
    func pause(afterFailure failure: Int) -> Duration {
        min(longestPause, Self.firstPause * (1 << min(failure, 16)) * Double.random(in: 0.5...1))
    }
}
