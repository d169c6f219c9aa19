import CascadeCore
import HTTPTypes
import Hummingbird

/// Lets a request pass with an API key that allows it, where keys are asked for; the health probes pass without. What comes without a
/// right key counts against its address, and what its key does not allow against the key. That bounds the load; a right key passes whatever
/// its address has tried before, since many may share one.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let keys: KeyRing
    let scopes: RouteScopes
    /// Who may administer where no key is asked for.
    let open: OpenAdministration
    let strangers: RateGate

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let need = scopes.need(of: request.method, context.endpointPath)
        guard need != .nothing, keys.isRequired else {
            if need == .scope(.admin) { try open.check(request) }
            return try await next(request, context)
        }
        guard let key = key(of: request) else {
            try strangers.admit(context.address, context)
            throw RequestFailure(
                .unauthorized, "send one of the server's API keys as `Authorization: Bearer KEY` or `X-API-Key: KEY`")
        }
        if case .scope(let scope) = need, !key.scopes.contains(scope) {
            try strangers.admit(key.id, context)
            throw RequestFailure(.forbidden, "the API key does not allow this: it needs the scope '\(scope.rawValue)'")
        }
        var context = context
        context.keyID = key.id
        return try await next(request, context)
    }

    private func key(of request: Request) -> APIKey? {
        if let text = request.headers[.apiKey], let key = keys.key(text) { return key }
        guard let authorization = request.headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return keys.key(String(parts[1]))
    }
}

/// What a key must allow, by path and method.
struct RouteScopes: Sendable {
    enum Need: Hashable, Sendable {
        /// No key at all.
        case nothing
        /// Any key: there is nothing at the path, which strangers need not know.
        case anyKey
        case scope(APIScope)
    }

    private var needs: [String: Need] = [:]

    init(_ routes: [Route]) {
        for route in routes {
            needs[Self.key(route.method, route.template)] = route.scope.map(Need.scope) ?? .nothing
        }
    }

    func need(of method: HTTPRequest.Method, _ template: String?) -> Need {
        guard let template else { return .anyKey }
        // What answers HEAD is made from what answers GET.
        return needs[Self.key(method == .head ? .get : method, template)] ?? .anyKey
    }

    private static func key(_ method: HTTPRequest.Method, _ template: String) -> String {
        "\(method.rawValue) \(template)"
    }
}
