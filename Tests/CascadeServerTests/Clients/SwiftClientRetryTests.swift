import CascadeClient
import Foundation
import Testing

@testable import CascadeServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What is sent again, how often, and after what pause.
@Suite struct SwiftClientRetryTests {
    private static let live = CascadeClient.Reply(status: 200, body: Data(#"{"status":"ok"}"#.utf8))

    private static func problem(
        _ status: Int, _ code: String, retryAfter: String? = nil
    ) -> CascadeClient.Reply {
        let body =
            #"{"type":"t","title":"t","status":\#(status),"detail":"d","instance":"i","code":"\#(code)","request_id":"q","errors":[]}"#
        var headers = ["content-type": "application/problem+json"]
        headers["retry-after"] = retryAfter
        return CascadeClient.Reply(status: status, headers: headers, body: Data(body.utf8))
    }

    @Test(arguments: [429, 503])
    func waitsAsLongAsTheServerSays(status: Int) async throws {
        let transport = RecordingTransport { _, number in
            number < 2 ? Self.problem(status, "unavailable", retryAfter: "\(number + 3)") : Self.live
        }
        #expect(try await transport.client().getLive().status == "ok")
        #expect(transport.requests.count == 3)
        #expect(transport.pauses == [.seconds(3), .seconds(4)])
    }

    @Test(arguments: [0, 1, 2, 5, -1])
    func retriesAreBounded(retries: Int) async throws {
        let transport = RecordingTransport { _, _ in Self.problem(503, "unavailable", retryAfter: "1") }
        let error = await #expect(throws: CascadeClientError.self) {
            try await transport.client(retries: retries).getLive()
        }
        #expect(transport.requests.count == max(0, retries) + 1)
        guard case .problem(let problem)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(problem.code == .unavailable && problem.retryAfter == 1)
    }

    @Test(arguments: [
        (503, "unavailable", nil), (503, "unavailable", "-1"), (503, "unavailable", "31"),
        (503, "unavailable", "Fri, 31 Dec 2027 23:59:59 GMT"), (500, "internal", "1"), (409, "conflict", "1"),
        (404, "not_found", "1"), (504, "deadline_exceeded", "1"),
    ])
    func otherAnswersAreFinal(status: Int, code: String, retryAfter: String?) async throws {
        let transport = RecordingTransport { _, _ in Self.problem(status, code, retryAfter: retryAfter) }
        await #expect(throws: CascadeClientError.self) {
            try await transport.client(timeout: .seconds(30)).getLive()
        }
        #expect(transport.requests.count == 1 && transport.pauses.isEmpty)
    }

    /// A proxy that has no server behind it says so in its own words.
    @Test func aProxyMayAskForPatienceToo() async throws {
        let transport = RecordingTransport { _, number in
            number == 0
                ? CascadeClient.Reply(status: 503, headers: ["retry-after": "0", "content-type": "text/html"])
                : Self.live
        }
        #expect(try await transport.client().getLive().status == "ok")
    }

    /// What comes out the same is sent again where no answer came; nothing else is.
    @Test(arguments: CascadeClient.Operation.allCases)
    func onlySafeRequestsAreSentAgain(_ operation: CascadeClient.Operation) async throws {
        let described = try #require(Interface.operations[operation.rawValue])
        let isSafe = ["GET", "PUT", "DELETE"].contains(described.method) || described.takesKey
        for failsBy in ["transport", "answer"] {
            let transport = RecordingTransport { _, _ in
                if failsBy == "transport" { throw URLError(.networkConnectionLost) }
                return Self.problem(429, "rate_limited", retryAfter: "0")
            }
            let error = await #expect(throws: CascadeClientError.self) {
                try await EveryCall(client: transport.client(retries: 2)).perform(operation)
            }
            #expect(transport.requests.count == (isSafe ? 3 : 1))
            switch error {
            case .transport?: #expect(failsBy == "transport")
            case .problem(let problem)?: #expect(failsBy == "answer" && problem.status == 429)
            default: #expect(Bool(false), "\(String(describing: error))")
            }
        }
    }

    @Test func pausesAfterLostConnectionsGrow() async throws {
        let transport = RecordingTransport { _, number in
            if number < 4 { throw URLError(.cannotConnectToHost) }
            return Self.live
        }
        #expect(try await transport.client(retries: 4).getLive().status == "ok")
        let pauses = transport.pauses
        #expect(pauses.count == 4)
        for (number, pause) in pauses.enumerated() {
            let longest = Duration.milliseconds(100 << number)
            #expect(pause >= longest / 2 && pause <= longest)
        }
    }

    /// A repeated write has the name, and the body, of the first; another write has another name.
    @Test func aWriteKeepsItsName() async throws {
        let transport = RecordingTransport { _, number in
            switch number {
            case 0: throw URLError(.timedOut)
            case 1: return Self.problem(409, "idempotency_in_flight", retryAfter: "1")
            default:
                let body = #"{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}"#
                return CascadeClient.Reply(status: 200, body: Data(body.utf8))
            }
        }
        let client = try transport.client()
        #expect(try await client.postEvents([EveryCall.event]).accepted == 1)
        _ = try await client.postEvents([EveryCall.event])
        _ = try await client.postEvents([EveryCall.event], idempotencyKey: "mine")
        let keys = transport.requests.map { $0.value(forHTTPHeaderField: "Idempotency-Key") }
        #expect(keys.count == 5 && keys[0] != nil)
        #expect(keys[1] == keys[0] && keys[2] == keys[0] && keys[3] != keys[0] && keys[4] == "mine")
        #expect(Set(transport.requests.map(\.httpBody)).count == 1)
    }

    @Test func activationIsWaitedForLonger() async throws {
        let transport = RecordingTransport { _, _ in Self.live }
        let client = try transport.client(timeout: .milliseconds(1500))
        _ = try await client.getLive()
        _ = try? await client.activateRelease("r")
        _ = try? await client.rollbackRelease(timeout: .seconds(7))
        #expect(transport.requests.map(\.timeoutInterval) == [1.5, 600, 7])
    }

    @Test func cancellingEndsTheRepeating() async throws {
        let transport = RecordingTransport { _, _ in throw CancellationError() }
        let error = await #expect(throws: CascadeClientError.self) { try await transport.client().getLive() }
        guard case .cancelled? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(transport.requests.count == 1)
    }
}
