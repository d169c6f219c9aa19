import HTTPTypes
import Hummingbird

/// Lets a request pass with one of the API keys, where keys are set; the health probes pass without.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let keys: APIKeys
    /// Templates of the paths that need no key.
    let open: Set<String>

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let isOpen = context.endpointPath.map { open.contains($0) } ?? false
        guard keys.isEmpty || isOpen || isAuthorized(request) else {
            throw RequestFailure(
                .unauthorized, "send one of the server's API keys as `Authorization: Bearer KEY` or `X-API-Key: KEY`")
        }
        return try await next(request, context)
    }

    private func isAuthorized(_ request: Request) -> Bool {
        if let key = request.headers[.apiKey], keys.accept(key) { return true }
        guard let authorization = request.headers[.authorization] else { return false }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" && keys.accept(String(parts[1]))
    }
}
