import CascadeClient
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import CascadeServer

/// What goes wrong over a socket becomes an error that says so.
@Suite(.serialized) struct SwiftClientErrorTests {
    private static func problem(
        of call: @Sendable () async throws -> some Any
    ) async throws -> CascadeClient.Problem {
        let error = await #expect(throws: CascadeClientError.self) { _ = try await call() }
        guard case .problem(let problem)? = error else {
            throw NoProblem(error: error)
        }
        return problem
    }

    private struct NoProblem: Error {
        let error: CascadeClientError?
    }

    @Test func problemDocumentsAreErrors() async throws {
        try await TestServer().runWithClient { client, transport in
            let absent = try await Self.problem { try await client.getItem("none/😀") }
            #expect(absent.status == 404 && absent.code == .notFound && absent.errors.isEmpty)
            #expect(absent.requestID == transport.replies.last?.headers["x-request-id"])
            #expect(absent.detail.contains("none/😀"))
            let wrong = try await Self.problem {
                try await client.recommend(.init(userID: "u", limit: 0, diversity: .init(creatorDecay: 2)))
            }
            #expect(wrong.status == 400 && wrong.code == .validation)
            #expect(Set(wrong.errors.map(\.pointer)) == ["/limit", "/diversity/creator_decay"])
            #expect(wrong.errors.allSatisfy { $0.code == "out_of_range" })
            let text = "\(CascadeClientError.problem(wrong))"
            #expect(text.hasPrefix("400 validation: ") && text.contains("/limit") && text.contains(wrong.requestID))
            #expect(CascadeClientError.problem(wrong).localizedDescription == text)
        }
    }

    @Test func keysAreSentAndAskedFor() async throws {
        var server = TestServer()
        // SHA-256 of `secret-key`.
        server.settings.auth.keysSHA256 = ["85dbe15d75ef9308c7ae0f33c7a324cc6f4bf519a2ed2f3027bd33c140a4f9aa"]
        server.keys = KeyRing(server.settings.auth)
        try await server.run(.live) { client async throws in
            let port = try #require(client.port)
            let transport = RecordingTransport()
            let refused = try await Self.problem { try await transport.client(port: port).getPipeline() }
            #expect(refused.code == .unauthorized)
            let known = try transport.client(port: port, apiKey: "secret-key")
            #expect(try await known.getPipeline().stages.isEmpty == false)
        }
    }

    @Test func aLimitedCallerLearnsWhenToComeAgain() async throws {
        var server = TestServer()
        server.settings.rateLimit.requestsPerSecond = 0.001
        server.settings.rateLimit.burst = 1
        try await server.runWithClient { client, _ in
            _ = try await client.getPipeline()
            let refused = try await Self.problem { try await client.getPipeline() }
            #expect(refused.code == .rateLimited && refused.retryAfter.map { $0 > 30 } == true)
        }
    }

    /// A server that cannot do its work tells so, which is an answer.
    @Test func notReadyIsAnAnswer() async throws {
        var server = TestServer()
        server.readiness = StubReadiness(
            report: ReadinessReport(checks: [.init(name: "postgres", status: .failed, detail: "gone")]))
        try await server.runWithClient { client, transport in
            let readiness = try await client.getReady()
            #expect(transport.replies.map(\.status) == [503])
            #expect(readiness.status == .notReady && readiness.checks.map(\.detail) == ["gone"])
            #expect(readiness.index == nil && readiness.releaseID == nil)
        }
    }

    @Test func whereNothingListensThereIsNoAnswer() async throws {
        let port = try await Self.closedPort()
        let transport = RecordingTransport()
        let client = try transport.client(port: port)
        let error = await #expect(throws: CascadeClientError.self) { try await client.getLive() }
        guard case .transport? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(transport.requests.count == 3)
        #expect(error.map { "\($0)" }?.hasPrefix("no answer: ") == true)
    }

    /// The port of a server that has ended.
    private static func closedPort() async throws -> Int {
        let port = Mutex(0)
        try await TestServer().run(.live) { client async throws in
            let open = try #require(client.port)
            port.withLock { $0 = open }
        }
        return port.withLock { $0 }
    }

    @Test func aCancelledTaskWaitsNoLonger() async throws {
        let server = TestServer()
        let feedback = server.feedback
        await feedback.hold()
        try await server.runWithClient { client, transport in
            let waiting = Task {
                try await client.postEvents([.init(type: "click", userID: "u", itemID: "i")])
            }
            while await feedback.heldCount == 0 {
                try #require(transport.replies.isEmpty)
                try await Task.sleep(for: .milliseconds(1))
            }
            waiting.cancel()
            let error = await #expect(throws: CascadeClientError.self) { try await waiting.value }
            guard case .cancelled? = error else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(transport.requests.count == 1 && transport.replies.isEmpty)
            // One that is cancelled before it begins is not sent.
            let late = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await client.getLive()
            }
            late.cancel()
            await #expect(throws: CascadeClientError.self) { try await late.value }
            #expect(transport.replies.isEmpty)
            await feedback.letGo()
        }
    }

    @Test(arguments: [
        (502, "<html>Bad Gateway</html>", "(status 502)"), (500, "", "it is empty"), (200, "{}", "status"),
        (200, "not JSON", "(status 200)"),
    ])
    func whatIsNoAnswerOfCascadeIsToldApart(status: Int, body: String, text: String) async throws {
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: status, body: Data(body.utf8)) }
        let error = await #expect(throws: CascadeClientError.self) { try await transport.client().getLive() }
        guard case .undecodable(status, _, _)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(error.map { "\($0)" }?.contains(text) == true)
    }

    @Test func whatJSONCannotSayIsNotSent() async throws {
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: 204) }
        var event = EveryCall.event
        event.value = .nan
        let wrong = event
        let error = await #expect(throws: CascadeClientError.self) { try await transport.client().postEvents([wrong]) }
        guard case .unencodable? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(transport.requests.isEmpty)
    }

    /// A key must not go to where another server points.
    @Test func redirectionsAreNotFollowed() async throws {
        let reached = Mutex(false)
        let router = Router()
        router.get("/health/live") { _, _ in
            Response(status: .temporaryRedirect, headers: [.location: "/elsewhere"])
        }
        router.get("/elsewhere") { _, _ -> Response in
            reached.withLock { $0 = true }
            return Response(status: .ok)
        }
        try await Application(router: router).test(.live) { client in
            let transport = RecordingTransport()
            let known = try transport.client(port: try #require(client.port), apiKey: "secret")
            let error = await #expect(throws: CascadeClientError.self) { try await known.getLive() }
            guard case .undecodable(307, _, _)? = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
        }
        #expect(reached.withLock { $0 } == false)
    }

    /// The same requests over a socket, to a server that is overloaded first.
    @Test func aServerIsAskedAgain() async throws {
        let asked = Mutex(0)
        let router = Router()
        router.put("/v1/users/u/follows/c") { _, _ -> Response in
            let number = asked.withLock { count in
                count += 1
                return count
            }
            if number < 3 { return Response(status: .serviceUnavailable, headers: [.retryAfter: "0"]) }
            return Response(
                status: .created, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"user_id":"u","creator_id":"c"}"#)))
        }
        try await Application(router: router).test(.live) { client in
            let known = try RecordingTransport().client(port: try #require(client.port))
            #expect(try await known.putFollow("u", "c").creatorID == "c")
        }
        #expect(asked.withLock { $0 } == 3)
    }
}
