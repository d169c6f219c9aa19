import CascadeClient
import Foundation
import HummingbirdTesting
import Synchronization
import Testing

@testable import CascadeServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Keeps what is sent and what came back; answers by itself, or has another transport do it.
final class RecordingTransport: CascadeClient.Transport {
    typealias Answer = @Sendable (_ request: URLRequest, _ number: Int) async throws -> CascadeClient.Reply

    private let answer: Answer
    private let kept = Mutex((requests: [URLRequest](), replies: [CascadeClient.Reply](), pauses: [Duration]()))

    var requests: [URLRequest] { kept.withLock { $0.requests } }
    var replies: [CascadeClient.Reply] { kept.withLock { $0.replies } }
    /// The pauses that clients of it made.
    var pauses: [Duration] { kept.withLock { $0.pauses } }

    /// Answers each request by `answer`, which is told its number from 0.
    init(_ answer: @escaping Answer) { self.answer = answer }

    /// Sends over a socket.
    convenience init() {
        let session = CascadeClient.SessionTransport()
        self.init { request, _ in try await session.send(request) }
    }

    func send(_ request: URLRequest) async throws -> CascadeClient.Reply {
        let number = kept.withLock { kept in
            kept.requests.append(request)
            return kept.requests.count - 1
        }
        let reply = try await answer(request, number)
        kept.withLock { $0.replies.append(reply) }
        return reply
    }

    /// A client of it, which waits for nothing.
    func client(
        port: Int = 1, apiKey: String? = nil, timeout: Duration = CascadeClient.usualTimeout,
        retries: Int = CascadeClient.usualRetries
    ) throws -> CascadeClient {
        let url = try #require(URL(string: "http://localhost:\(port)"))
        return CascadeClient(url: url, apiKey: apiKey, timeout: timeout, retries: retries, transport: self) { pause in
            self.kept.withLock { $0.pauses.append(pause) }
        }
    }
}

extension TestServer {
    /// Runs `test` with a client of the server over a socket, and with what the client sends.
    func runWithClient(
        _ test: @escaping @Sendable (CascadeClient, RecordingTransport) async throws -> Void
    ) async throws {
        try await run(.live) { client async throws in
            let transport = RecordingTransport()
            try await test(try transport.client(port: try #require(client.port)), transport)
        }
    }
}

extension URLRequest {
    /// The parameters of the query, decoded.
    var parameters: [String: String] {
        let query = url.flatMap { URLComponents(url: $0, resolvingAgainstBaseURL: false) }?.queryItems ?? []
        return Dictionary(query.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    /// The body, null when there is none or it is no JSON.
    var json: JSONValue { (try? JSONParser.parse(Array(httpBody ?? Data()))) ?? .null }
}
