import CascadeCore
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Does a write that its caller named once, and answers repeated ones as the first was answered.
///
/// An attempt holds its claim for as long as a request may take and a little longer. A server that dies meanwhile leaves the claim to
/// run out, and then the write is begun anew: that is once, unless the server died between the write and its answer.
struct IdempotentWrites: Sendable {
    /// Seconds for which a claim outlives the longest request.
    static let leaseReserve = 30.0
    static let longestKey = 255
    /// What is kept of the headers of an answer.
    private static let keptHeaders: [HTTPField.Name] = [.contentType, .location]

    let store: any IdempotencyStore
    /// Tells what was refused from what may have been done.
    let mapping: FailureMapping

    /// Answers `call` by `handler`, or as before. Without a key, by `handler`.
    ///
    /// - Parameter timeout: the longest that the request may take.
    func run(
        _ call: Call, timeout: Duration, _ handler: @escaping EndpointRunner.Handler
    ) async throws -> Response {
        guard let key = try Self.key(call.idempotencyKey) else { return try await handler(call) }
        let write = IdempotentWrite(owner: call.caller, key: key, digest: Self.digest(of: call))
        let lease = Double(timeout.components.seconds) + Self.leaseReserve
        switch try await store.claim(write, lease: lease, lifetime: IdempotentWrite.lifetime) {
        case .begun(let attempt): return try await perform(write, attempt, call, handler)
        case .answered(let answer): return Self.response(answer)
        case .inFlight:
            throw RequestFailure(
                .idempotencyInFlight, "a request with this Idempotency-Key is being answered; repeat it a little later",
                retryAfter: 1)
        case .reused:
            throw RequestFailure(
                .idempotencyKeyReused,
                "this Idempotency-Key was sent with another request within 24 hours; take a new one for each write")
        }
    }

    private func perform(
        _ write: IdempotentWrite, _ attempt: String, _ call: Call, _ handler: EndpointRunner.Handler
    ) async throws -> Response {
        let response: Response
        do {
            response = try await handler(call)
        } catch {
            // What was refused has written nothing. Of anything else that is not known, and the claim stays until it runs out.
            if mapping.failure(for: error).code.status.code < 500 {
                await Task { await settle(call) { try await store.release(write, attempt: attempt) } }.value
            }
            throw error
        }
        let body = try await response.collected()
        let answer = StoredAnswer(
            status: response.status.code,
            headers: Self.keptHeaders.reduce(into: [:]) { $0[$1.rawName] = response.headers[$1] }, body: body)
        await Task { await settle(call) { try await store.finish(write, attempt: attempt, answer) } }.value
        return response
    }

    /// A write that was done is answered, also where that cannot be kept.
    private func settle(_ call: Call, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            call.logger.warning("an Idempotency-Key could not be settled", metadata: ["error": "\(error)"])
        }
    }

    private static func response(_ answer: StoredAnswer) -> Response {
        var response = Response(
            status: .init(code: answer.status),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        for (name, value) in answer.headers { HTTPField.Name(name).map { response.headers[$0] = value } }
        response.headers[.idempotencyReplayed] = "true"
        return response
    }

    /// The key of a header: visible ASCII, in quotation marks (as the draft standard has it) or without; nil for none.
    static func key(_ header: String?) throws(RequestFailure) -> String? {
        guard var text = header else { return nil }
        if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        guard (1...longestKey).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .validation(
                "/header/Idempotency-Key", "invalid", "must have 1 to \(longestKey) visible ASCII characters")
        }
        return text
    }

    /// Everything that decides what a request does, each part behind its length.
    private static func digest(of call: Call) -> [UInt8] {
        var hash = SHA256()
        for part in [Array(call.target.utf8), Array((call.query ?? "").utf8), Array(call.mediaType.utf8), call.body] {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: part)
        }
        return Array(hash.finalize())
    }
}
