import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// An answer with `value` as its body.
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, contentType: String = "application/json"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONWriter.bytes(of: value))))
    }

    /// The answer to a `PUT` of `id` into a collection: 201 with its address when it is new, 200 otherwise.
    static func stored(_ body: JSONValue, isNew: Bool, in collection: String, _ id: String) -> Response {
        var response = Response.json(body, status: isNew ? .created : .ok)
        if isNew, let segment = id.addingPercentEncoding(withAllowedCharacters: unreserved) {
            response.headers[.location] = "/v1/\(collection)/\(segment)"
        }
        return response
    }

    /// The characters that RFC 3986 leaves as they are.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-ID")!
    static let requestTimeout = HTTPField.Name("X-Request-Timeout-Ms")!
    static let apiKey = HTTPField.Name("X-API-Key")!
    static let inspectorToken = HTTPField.Name("X-Inspector-Token")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
    static let rateLimit = HTTPField.Name("RateLimit")!
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
    static let traceParent = HTTPField.Name("traceparent")!
    static let traceResponse = HTTPField.Name("traceresponse")!
}
