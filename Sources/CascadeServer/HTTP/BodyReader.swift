import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Reads the body of a request that must be JSON of some kind.
enum BodyReader {
    /// The whole body, with that of the media types `known` that it says it is; where none is known, nothing is read.
    ///
    /// - Throws: `RequestFailure` with `unsupportedMediaType` or `tooLarge`.
    static func read(
        _ request: Request, _ known: [String], maximumBytes: Int
    ) async throws -> (mediaType: String, bytes: [UInt8]) {
        if known.isEmpty { return ("", []) }
        guard let mediaType = Self.mediaType(of: request.headers[.contentType]), known.contains(mediaType) else {
            let given = request.headers[.contentType].map { "not '\($0.prefix(100))'" } ?? "and none was given"
            let names = known.joined(separator: " or ")
            throw RequestFailure(.unsupportedMediaType, "the Content-Type must be \(names), \(given)")
        }
        let encoding = (request.headers[.contentEncoding] ?? "identity").lowercased()
        guard ["identity", "gzip", "x-gzip"].contains(encoding) else {
            throw RequestFailure(
                .unsupportedMediaType, "the body may be compressed with gzip and nothing else (Content-Encoding)")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
            throw tooLarge(maximumBytes)
        }
        do {
            let sent = Array(buffer: try await request.body.collect(upTo: maximumBytes))
            guard encoding != "identity" else { return (mediaType, sent) }
            // A few bytes may inflate to all that is allowed, which takes milliseconds.
            let inflated = try await NIOThreadPool.singleton.runIfActive {
                try Gzip.inflated(sent, limit: maximumBytes)
            }
            return (mediaType, inflated)
        } catch is NIOTooManyBytesError {
            throw tooLarge(maximumBytes)
        } catch Gzip.Failure.tooLong {
            throw tooLarge(maximumBytes)
        } catch Gzip.Failure.corrupt {
            throw RequestFailure.validation(
                "/header/Content-Encoding", "invalid", "says gzip, and the body is none that can be read to its end")
        }
    }

    private static func tooLarge(_ maximumBytes: Int) -> RequestFailure {
        RequestFailure(
            .tooLarge, "the body has more than \(maximumBytes) bytes (`server.max_body_bytes`); send it in parts")
    }

    /// The media type in lower case; nil with a charset that is not UTF-8.
    private static func mediaType(of contentType: String?) -> String? {
        guard let contentType else { return nil }
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        let isUTF8 = parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0.replacing("\"", with: "") == "charset=utf-8"
        }
        return isUTF8 ? parts.first : nil
    }
}
