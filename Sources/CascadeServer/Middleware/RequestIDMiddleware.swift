import HTTPTypes
import Hummingbird
import Logging

/// Gives every request its identifier, the caller's where it is acceptable, and returns it with the answer; goes on with the trace
/// that it is part of.
struct RequestIDMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let offered = request.headers[.requestID].flatMap { RequestIdentifier.isAcceptable($0) ? $0 : nil }
        context.requestID = offered ?? RequestIdentifier.make()
        // One name for it in every line: the framework's own key would say the same again.
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        if let header = request.headers[.traceParent], let trace = TraceContext(header) {
            context.trace = trace
            context.logger[metadataKey: "trace_id"] = .string(trace.traceID)
            context.logger[metadataKey: "span_id"] = .string(trace.spanID)
            context.logger[metadataKey: "parent_span_id"] = .string(trace.parentID)
            context.headers.set(.traceResponse, trace.response)
        }
        var response = try await next(request, context)
        for field in context.headers.all { response.headers[field.name] = field.value }
        response.headers[.requestID] = context.requestID
        return response
    }
}
