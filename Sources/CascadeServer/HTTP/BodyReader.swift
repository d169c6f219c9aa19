import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body of a request that must be JSON.
enum BodyReader {
    /// The whole body.
    ///
    /// - Throws: `RequestFailure` with `unsupportedMediaType` or `tooLarge`.
    static func read(_ request: Request, maximumBytes: Int) async throws -> [UInt8] {
        guard isJSON(request.headers[.contentType]) else {
            let given = request.headers[.contentType].map { "not '\($0.prefix(100))'" } ?? "and none was given"
            throw RequestFailure(.unsupportedMediaType, "the Content-Type must be application/json, \(given)")
        }
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw RequestFailure(.unsupportedMediaType, "the body must not be compressed (Content-Encoding)")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
            throw tooLarge(maximumBytes)
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: maximumBytes))
        } catch is NIOTooManyBytesError {
            throw tooLarge(maximumBytes)
        }
    }

    private static func tooLarge(_ maximumBytes: Int) -> RequestFailure {
        RequestFailure(
            .tooLarge, "the body has more than \(maximumBytes) bytes (`server.max_body_bytes`); send it in parts")
    }

    /// `application/json` with no charset but UTF-8.
    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0.replacing("\"", with: "") == "charset=utf-8"
        }
    }
}
