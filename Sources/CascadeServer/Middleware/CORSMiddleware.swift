import HTTPTypes
import Hummingbird

/// Lets pages of other origins use the server, where the settings name them.
struct CORSMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let settings: CORSSettings

    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    private static let requestHeaders =
        "Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-None-Match, traceparent, tracestate, X-API-Key,"
        + " X-Request-ID, X-Request-Timeout-Ms"
    private static let answerHeaders =
        "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, traceresponse, X-Request-ID"

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard !settings.allowOrigins.isEmpty else { return try await next(request, context) }
        guard let origin = request.headers[.origin], settings.allows(origin) else {
            var response = try await next(request, context)
            response.headers[values: .vary].append("Origin")
            return response
        }
        // The browser asks before it sends; it has no key to send yet.
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            var answer = Response(status: .noContent)
            answer.headers[.accessControlAllowOrigin] = origin
            answer.headers[.accessControlAllowMethods] = Self.methods
            answer.headers[.accessControlAllowHeaders] = Self.requestHeaders
            answer.headers[.accessControlMaxAge] = String(settings.maxAgeSeconds)
            answer.headers[.vary] = "Origin"
            return answer
        }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.answerHeaders
        response.headers[values: .vary].append("Origin")
        return response
    }
}
