package import HTTPTypes

/// What kind of failure an answer tells of; the `code` of a problem document.
package enum ProblemCode: String, Hashable, Sendable, CaseIterable {
    case validation
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case conflict
    case idempotencyInFlight = "idempotency_in_flight"
    case gone
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case idempotencyKeyReused = "idempotency_key_reused"
    case rateLimited = "rate_limited"
    case `internal`
    case unavailable
    case deadlineExceeded = "deadline_exceeded"

    /// The HTTP status of the answer.
    package var status: HTTPResponse.Status {
        switch self {
        case .validation: .badRequest
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .idempotencyInFlight: .conflict
        case .gone: .gone
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .idempotencyKeyReused: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .internal: .internalServerError
        case .unavailable: .serviceUnavailable
        case .deadlineExceeded: .gatewayTimeout
        }
    }

    /// The summary that is the same for every problem of the kind.
    package var title: String {
        switch self {
        case .validation: "The request is not valid"
        case .unauthorized: "A valid API key is needed"
        case .forbidden: "This may not be done"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The path does not take this method"
        case .conflict: "The request conflicts with what is there"
        case .idempotencyInFlight: "The same request is being answered"
        case .gone: "This is no longer there"
        case .tooLarge: "The body is too large"
        case .unsupportedMediaType: "The body has the wrong content type"
        case .idempotencyKeyReused: "The key stands for another request"
        case .rateLimited: "Too many requests"
        case .internal: "The server failed"
        case .unavailable: "The service cannot answer now"
        case .deadlineExceeded: "The time for the request ran out"
        }
    }

    /// The URI that names the kind of problem; it is an identifier and not an address to open.
    package var typeURI: String { "https://cascade.invalid/problems/\(rawValue)" }
}
