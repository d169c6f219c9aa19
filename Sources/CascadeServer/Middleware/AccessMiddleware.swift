import Hummingbird
import Logging

/// Counts and logs every answer, one line each.
struct AccessMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let metrics: HTTPMetrics
    /// Templates of the paths that are asked for all the time; their lines have level debug.
    let quiet: Set<String>

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        let took = context.arrival.duration(to: .now)
        // The box is shared with the router and the problem middleware, which put the template in.
        let template = context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 } ?? "none"
        let milliseconds = Double(took.components.seconds) * 1e3 + Double(took.components.attoseconds) * 1e-15
        metrics.answered(
            route: template, method: request.method.rawValue, status: response.status.code, seconds: milliseconds / 1e3)
        context.logger.log(
            level: quiet.contains(template) ? .debug : .info, "request",
            metadata: [
                "route": .string(template), "method": .string(request.method.rawValue),
                "status": .stringConvertible(response.status.code),
                "latency_ms": .stringConvertible((milliseconds * 1000).rounded() / 1000),
            ])
        return response
    }
}
