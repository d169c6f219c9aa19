import Hummingbird
import Logging

/// Turns every error into a problem document; nothing gets past it as anything else.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let mapping: FailureMapping
    let routes: RouteTable

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let failure = wrongMethod(request, context, error) ?? mapping.failure(for: error)
            log(failure, error, context)
            let response = ProblemDocument.response(to: failure, requestID: context.requestID)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    /// The router does not tell a wrong path from a wrong method; the table does.
    private func wrongMethod(_ request: Request, _ context: ServerContext, _ error: any Error) -> RequestFailure? {
        guard (error as? HTTPError)?.status == .notFound, let route = routes.match(request.uri.path) else { return nil }
        context.coreContext.endpointPath.value = route.template
        return .methodNotAllowed(request.method.rawValue, allowed: route.methods)
    }

    /// Only failures of the server's own go to the log as errors; the sender's mistakes are the sender's to see.
    private func log(_ failure: RequestFailure, _ error: any Error, _ context: ServerContext) {
        switch failure.code {
        case .internal:
            context.logger.error("request failed", metadata: ["error": .string("\(error)")])
        case .unavailable, .deadlineExceeded, .forbidden:
            context.logger.warning("request not served", metadata: ["error": .string("\(error)")])
        default:
            context.logger.debug("request refused", metadata: ["error": .string("\(error)")])
        }
    }
}
