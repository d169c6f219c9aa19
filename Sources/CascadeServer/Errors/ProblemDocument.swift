import CascadePipeline
import HTTPTypes
import Hummingbird

/// An RFC 9457 problem document.
enum ProblemDocument {
    static let contentType = "application/problem+json"

    /// The body for `failure` of the request `requestID`.
    static func json(of failure: RequestFailure, requestID: String) -> JSONValue {
        [
            "type": .string(failure.code.typeURI),
            "title": .string(failure.code.title),
            "status": .integer(failure.code.status.code),
            "detail": .string(failure.detail),
            "instance": .string("/v1/requests/\(requestID)"),
            "code": .string(failure.code.rawValue),
            "request_id": .string(requestID),
            "errors": .array(
                failure.problems.map {
                    ["pointer": .string($0.pointer), "code": .string($0.code), "detail": .string($0.detail)]
                }),
        ]
    }

    /// The answer to the request `requestID`, with the headers that go with the failure.
    static func response(to failure: RequestFailure, requestID: String) -> Response {
        var response = Response.json(
            json(of: failure, requestID: requestID), status: failure.code.status, contentType: contentType)
        response.headers[.cacheControl] = "no-store"
        if let seconds = failure.retryAfter { response.headers[.retryAfter] = String(seconds) }
        if !failure.allowed.isEmpty { response.headers[.allow] = failure.allowed.joined(separator: ", ") }
        if failure.code == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"cascade\"" }
        // What is left of an over-long body is better not read.
        if failure.code == .tooLarge { response.headers[.connection] = "close" }
        return response
    }
}
