import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Lets callers ask whether an answer has changed.
enum EntityTag {
    /// The same answer with its tag, or 304 where the caller has it already. The tag is weak: the same content may go out compressed.
    static func revalidated(_ response: Response, _ ifNoneMatch: String?) async throws -> Response {
        guard response.status == .ok else { return response }
        let digest = SHA256.hash(data: Data(try await response.collected()))
        let tag = "W/\"" + digest.prefix(16).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined() + "\""
        var response = response
        if let ifNoneMatch, matches(ifNoneMatch, tag) {
            response = Response(status: .notModified)
        }
        response.headers[.eTag] = tag
        // A copy is used only after it was asked for again.
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }

    /// Whether one of the tags of `If-None-Match` is `tag`, weak or not.
    static func matches(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { part in
            let given = part.trimmingCharacters(in: .whitespaces)
            return given == "*" || opaque(given) == opaque(tag)
        }
    }

    private static func opaque(_ tag: String) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...] }
}
