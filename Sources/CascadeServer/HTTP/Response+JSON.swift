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
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-ID")!
    static let requestTimeout = HTTPField.Name("X-Request-Timeout-Ms")!
    static let apiKey = HTTPField.Name("X-API-Key")!
}
