extension CascadeClient {
    /// A problem document of the server (RFC 9457).
    public struct Problem: Codable, Equatable, Sendable {
        /// One thing that is wrong with the request.
        public struct Entry: Codable, Equatable, Sendable {
            /// A JSON pointer into the body, or one that begins with `/path/`, `/query/` or `/header/`.
            public var pointer: String
            /// What is wrong, such as `out_of_range`.
            public var code: String
            /// The same for people.
            public var detail: String
        }

        /// What kinds of problems there are.
        public struct Code: OpenWord {
            /// The word.
            public let rawValue: String
            /// Any word, known or not.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The request is malformed, or has values that cannot be.
            public static let validation: Self = "validation"
            /// There is no API key, or a wrong one.
            public static let unauthorized: Self = "unauthorized"
            /// The key does not allow it.
            public static let forbidden: Self = "forbidden"
            /// There is no such thing.
            public static let notFound: Self = "not_found"
            /// The path takes other methods.
            public static let methodNotAllowed: Self = "method_not_allowed"
            /// The request conflicts with what is stored.
            public static let conflict: Self = "conflict"
            /// The request with this idempotency key is being answered.
            public static let idempotencyInFlight: Self = "idempotency_in_flight"
            /// There was a next page, and its time is over.
            public static let gone: Self = "gone"
            /// The body is too long.
            public static let tooLarge: Self = "too_large"
            /// The path does not take this type of body.
            public static let unsupportedMediaType: Self = "unsupported_media_type"
            /// The idempotency key stands for another request.
            public static let idempotencyKeyReused: Self = "idempotency_key_reused"
            /// The caller asked too often.
            public static let rateLimited: Self = "rate_limited"
            /// The server failed.
            public static let `internal`: Self = "internal"
            /// The server has too much to do, or cannot reach its database.
            public static let unavailable: Self = "unavailable"
            /// The time ran out; a write may have been done.
            public static let deadlineExceeded: Self = "deadline_exceeded"

            package static let known: [Self] = [
                validation, unauthorized, forbidden, notFound, methodNotAllowed, conflict, idempotencyInFlight, gone,
                tooLarge, unsupportedMediaType, idempotencyKeyReused, rateLimited, `internal`, unavailable,
                deadlineExceeded,
            ]
        }

        /// Names the kind of problem; no address to open.
        public var type: String
        /// The kind of problem for people.
        public var title: String
        /// The status of the answer.
        public var status: Int
        /// What is wrong, for people.
        public var detail: String
        /// Names this one answer.
        public var instance: String
        /// The kind of problem for programs.
        public var code: Code
        /// What the server's log calls the request.
        public var requestID: String
        /// What is wrong with the request, one by one; empty where it is not the request.
        public var errors: [Entry]
        /// Seconds after which to try again, from the header `Retry-After`.
        public var retryAfter: Int?

        private enum CodingKeys: String, CodingKey {
            case type, title, status, detail, instance, code, errors
            case requestID = "request_id"
        }
    }
}

extension CascadeClient.Problem: CustomStringConvertible {
    /// Status, code, and everything that is wrong, with the name of the request for its log line.
    public var description: String {
        let single = errors.count == 1 && detail.contains(errors[0].pointer)
        let entries = single ? [] : errors.map { "\($0.pointer) \($0.detail)" }
        return "\(status) \(code.rawValue): \(([detail] + entries).joined(separator: "; ")) (request \(requestID))"
    }
}
