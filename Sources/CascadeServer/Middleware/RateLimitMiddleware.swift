import Hummingbird

/// Refuses the requests of a caller that come faster than the settings allow, and tells every caller what is left.
///
/// A caller is an API key, or an address where no key is asked for. Probes are answered always.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let gate: RateGate
    /// Templates of what is not counted.
    let exempt: Set<String>

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if !exempt.contains(context.endpointPath ?? "") {
            try gate.admit(context.keyID ?? context.address, context)
        }
        return try await next(request, context)
    }
}
