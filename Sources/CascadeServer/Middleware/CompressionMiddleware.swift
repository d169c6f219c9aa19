import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Sends longer answers in gzip to those who take it.
struct CompressionMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    /// Shorter answers go as they are; 0 leaves all as they are.
    let minimumBytes: Int
    /// Longer ones are compressed on a thread of their own, since they would hold up others.
    private static let inlineBytes = 64 << 10

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard minimumBytes > 0, request.method != .head, response.headers[.contentEncoding] == nil,
            let length = response.body.contentLength, length >= minimumBytes
        else { return response }
        response.headers[values: .vary].append("Accept-Encoding")
        guard Self.takesGzip(request.headers[.acceptEncoding]) else { return response }
        let bytes = try await response.collected()
        let packed =
            bytes.count <= Self.inlineBytes
            ? try Gzip.deflated(bytes) : try await NIOThreadPool.singleton.runIfActive { try Gzip.deflated(bytes) }
        guard packed.count < bytes.count else { return response }
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: packed))
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = String(packed.count)
        return response
    }

    /// Whether `Accept-Encoding` names gzip, or everything, with a weight above 0.
    static func takesGzip(_ header: String?) -> Bool {
        var weights: [String: Double] = [:]
        for part in (header ?? "").lowercased().split(separator: ",") {
            let words = part.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard let name = words.first else { continue }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            weights[name] = weight ?? 1
        }
        return (weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? 0) > 0
    }
}
