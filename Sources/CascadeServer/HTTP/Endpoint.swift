import CascadeCore
import Foundation
import HTTPTypes
import Hummingbird

/// What a request costs and so by what it is held back.
enum EndpointKind: Sendable {
    /// Probes and metrics: answered under any load.
    case probe
    case read
    /// A read that answers in part rather than late; it may take a little longer than its deadline to say so.
    case recommendation
    case write
    /// A change of what is served: one at a time, for as long as it takes to read every file of a release.
    case administration

    /// What is added to the deadline before the answer is a failure.
    var grace: Duration { self == .recommendation ? .milliseconds(100) : .zero }
}

/// What a request to an endpoint brings along.
enum EndpointBody: Sendable {
    /// Nothing that is read.
    case empty
    case json
    /// A JSON merge patch (RFC 7396).
    case patch
    /// A batch: JSON, or one JSON value a line.
    case batch

    /// The media type of one JSON value a line.
    static let lines = "application/x-ndjson"

    /// The media types that are taken; none where nothing is read.
    var mediaTypes: [String] {
        switch self {
        case .empty: []
        case .json: ["application/json"]
        case .patch: ["application/json", "application/merge-patch+json"]
        case .batch: ["application/json", Self.lines]
        }
    }
}

/// Runs handlers: reads the body, waits for the turn, keeps the deadline.
struct EndpointRunner: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Response

    let settings: ServerSettings
    let reads: AdmissionGate
    let writes: AdmissionGate
    let administration: AdmissionGate
    let named: IdempotentWrites

    /// The longest time for a change of what is served.
    static let administrationTimeout = Duration.seconds(600)
    /// Milliseconds that a caller may ask for.
    static let timeouts = 1...600_000

    init(settings: ServerSettings, idempotency: any IdempotencyStore, mapping: FailureMapping) {
        self.settings = settings
        named = IdempotentWrites(store: idempotency, mapping: mapping)
        func gate(_ name: String, _ limit: Int) -> AdmissionGate {
            AdmissionGate(
                name: name, limit: limit, maximumWaiting: settings.maxQueuedRequests,
                longestWait: .milliseconds(settings.maxQueueWaitMilliseconds))
        }
        administration = gate("changes of what is served", 1)
        reads = gate("requests", settings.maxConcurrentRequests)
        writes = gate("writes", settings.maxConcurrentWrites)
    }

    /// Answers `request` by `handler`.
    ///
    /// The body is read before the turn is asked for, so that a slow sender holds nobody else back.
    func respond(to request: Request, context: ServerContext, route: Route) async throws -> Response {
        let kind = route.kind
        let timeout = try timeout(of: request, kind)
        let deadline = context.arrival + timeout
        let path = try pathParameters(of: context)
        let response = try await withDeadline(deadline + kind.grace) {
            let sent = try await BodyReader.read(request, route.body.mediaTypes, maximumBytes: settings.maxBodyBytes)
            let call = Call(
                requestID: context.requestID, target: "\(request.method.rawValue) \(request.uri.path)",
                caller: context.keyID ?? "", idempotencyKey: request.headers[.idempotencyKey],
                traceID: context.trace?.traceID, path: path, query: request.uri.query, mediaType: sent.mediaType,
                body: sent.bytes, deadline: deadline, logger: context.logger)
            return switch kind {
            case .probe: try await route.handler(call)
            case .read, .recommendation: try await reads.run { try await route.handler(call) }
            case .write: try await writes.run { try await write(call, route, timeout) }
            case .administration: try await administration.run { try await write(call, route, timeout) }
            }
        }
        guard route.isRevalidated else { return response }
        return try await EntityTag.revalidated(response, request.headers[.ifNoneMatch])
    }

    /// A write that may come with a name, where doing it twice would not be as doing it once.
    private func write(_ call: Call, _ route: Route, _ timeout: Duration) async throws -> Response {
        guard route.takesIdempotencyKey else { return try await route.handler(call) }
        return try await named.run(call, timeout: timeout, route.handler)
    }

    /// The time the request has: what its header asks for, and never more than the settings give.
    private func timeout(of request: Request, _ kind: EndpointKind) throws(RequestFailure) -> Duration {
        let usual = Duration.milliseconds(settings.requestTimeoutMilliseconds)
        let longest = kind == .administration ? max(usual, Self.administrationTimeout) : usual
        guard let text = request.headers[.requestTimeout] else { return longest }
        guard let value = Int(text), Self.timeouts.contains(value) else {
            throw .validation(
                "/header/X-Request-Timeout-Ms", "out_of_range",
                "must be a whole number from \(Self.timeouts.lowerBound) to \(Self.timeouts.upperBound) (milliseconds)")
        }
        return min(.milliseconds(value), longest)
    }

    private func pathParameters(of context: ServerContext) throws(RequestFailure) -> [String: String] {
        var path: [String: String] = [:]
        for (name, raw) in context.parameters {
            guard let text = String(raw).removingPercentEncoding else {
                throw .validation("/path/\(name)", "invalid_identifier", "is not percent-encoded UTF-8")
            }
            path[String(name)] = text
        }
        return path
    }
}
