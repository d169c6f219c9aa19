import CascadeCore
package import Hummingbird
import NIOCore

/// Builds the server; the command line and the tests call it alike.
///
/// Run it in a service group of its own (`runService`) or as one service of several: at a graceful shutdown it takes no
/// new connections, answers what runs and ends, after `shutdown_grace_ms` at the latest.
///
/// - Throws: `ServerError.invalidSettings`; running it throws `ServerError` when it cannot listen.
package func buildApplication(dependencies: ServerDependencies) throws(ServerError) -> some ApplicationProtocol {
    let settings = dependencies.settings
    let problems = settings.problems()
    guard problems.isEmpty else { throw .invalidSettings(problems) }
    let application = Application(
        router: buildRouter(dependencies),
        server: .http1(
            configuration: .init(idleTimeout: .milliseconds(Int64(settings.idleTimeoutMilliseconds)))),
        configuration: ApplicationConfiguration(
            address: .hostname(settings.host, port: settings.port),
            availableConnectionsDelegate: .maximum(settings.maxConnections, logger: dependencies.logger)),
        onServerRunning: { channel in
            await dependencies.onListening(settings.host, channel.localAddress?.port ?? settings.port)
        },
        logger: dependencies.logger)
    return ServerApplication(base: application, settings: settings)
}

private func buildRouter(_ dependencies: ServerDependencies) -> Router<ServerContext> {
    let metrics = HTTPMetrics(registry: dependencies.metrics)
    let mapping = FailureMapping(classify: dependencies.classify)
    let runner = EndpointRunner(
        settings: dependencies.settings, idempotency: dependencies.idempotency, mapping: mapping)
    let routes = Routes.all(dependencies, metrics) + (dependencies.settings.inspector ? InspectorController.routes : [])
    var table = RouteTable()
    for route in routes {
        table.add(route.method.rawValue, route.template)
        if route.method == .get { table.add(HTTPRequest.Method.head.rawValue, route.template) }
    }
    let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
    let settings = dependencies.settings
    let gate = RateGate(limiter: RateLimiter(settings.rateLimit), metrics: metrics)
    router.addMiddleware {
        RequestIDMiddleware()
        AccessMiddleware(metrics: metrics, quiet: Routes.quiet)
        CORSMiddleware(settings: settings.cors)
        CompressionMiddleware(minimumBytes: settings.compressionMinBytes)
        ProblemMiddleware(mapping: mapping, routes: table)
        AuthenticationMiddleware(
            keys: dependencies.keys, scopes: RouteScopes(routes),
            open: OpenAdministration(
                isLoopback: settings.isLoopback, token: settings.inspector ? dependencies.inspectorToken : nil),
            strangers: gate)
        RateLimitMiddleware(gate: gate, exempt: Set(routes.filter { $0.kind == .probe }.map(\.template)))
    }
    for route in routes {
        router.on(RouterPath(route.template), method: route.method) { request, context in
            try await runner.respond(to: request, context: context, route: route)
        }
    }
    return router
}
