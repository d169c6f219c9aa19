import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct IdempotencyRouteTests {
    private static let event = #"{"events":[{"type":"click","user_id":"u","item_id":"i"}]}"#
    private static let other = #"{"events":[{"type":"click","user_id":"u","item_id":"j"}]}"#

    @Test func aRepeatedWriteIsAnsweredAndNotDoneAgain() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k1"]
            let first = try await client.send(.post, "/v1/events", Self.event, headers: headers)
            let again = try await client.send(.post, "/v1/events", Self.event, headers: headers)
            #expect(first.status == 200 && first.header("Idempotency-Replayed") == nil)
            #expect(again.status == 200 && again.header("Idempotency-Replayed") == "true")
            #expect(again.text == first.text && first.json["accepted"] == 1)
            #expect(again.header("Content-Type") == "application/json")
            // In quotation marks, as the draft standard writes it, it is the same key.
            let quoted = try await client.send(.post, "/v1/events", Self.event, headers: ["Idempotency-Key": "\"k1\""])
            #expect(quoted.header("Idempotency-Replayed") == "true")
        }
        #expect(await server.feedback.events.count == 1)
    }

    @Test func aJobIsQueuedOnce() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            for _ in 0..<3 {
                let answer = try await client.send(
                    .post, "/v1/jobs", #"{"kind":"train"}"#,
                    headers: ["Idempotency-Key": "train tonight".replacing(" ", with: "-")])
                #expect(answer.status == 202 && answer.header("Location") == "/v1/jobs/job_0")
            }
        }
        #expect(await server.jobs.list.count == 1)
    }

    @Test func aKeyStandsForOneRequest() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k"]
            _ = try await client.send(.post, "/v1/events", Self.event, headers: headers)
            for (path, body) in [
                ("/v1/events", Self.other), ("/v1/impressions", Self.event), ("/v1/items?atomic=true", Self.event),
            ] {
                let answer = try await client.send(.post, path, body, headers: headers)
                #expect(answer.status == 422 && answer.json["code"] == "idempotency_key_reused", "\(path)")
            }
            await server.idempotency.wait(86_401)
            #expect(try await client.send(.post, "/v1/events", Self.other, headers: headers).status == 200)
        }
        #expect(await server.feedback.events.count == 2)
    }

    @Test func whileItIsDoneARepeatedOneWaits() async throws {
        let server = TestServer()
        await server.feedback.hold()
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k"]
            async let first = client.send(.post, "/v1/events", Self.event, headers: headers)
            while await server.feedback.heldCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
            let second = try await client.send(.post, "/v1/events", Self.event, headers: headers)
            #expect(second.status == 409 && second.json["code"] == "idempotency_in_flight")
            #expect(second.header("Retry-After") == "1")
            await server.feedback.letGo()
            #expect(try await first.status == 200)
            let third = try await client.send(.post, "/v1/events", Self.event, headers: headers)
            #expect(third.header("Idempotency-Replayed") == "true")
        }
        #expect(await server.feedback.events.count == 1)
    }

    /// A server that died leaves its claim to run out.
    @Test func aKeyIsNotBlockedForEver() async throws {
        let server = TestServer()
        let write = IdempotentWrite(owner: "", key: "k", digest: [])
        _ = try await server.idempotency.claim(write, lease: 35, lifetime: 86_400)
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k"]
            #expect(try await client.send(.post, "/v1/events", Self.event, headers: headers).status == 422)
            await server.idempotency.wait(36)
            #expect(try await client.send(.post, "/v1/events", Self.event, headers: headers).status == 200)
        }
    }

    /// What was refused has written nothing; of what failed nobody knows, so that it is not begun a second time at once.
    @Test func whatWasRefusedGivesTheKeyBackAndWhatFailedHoldsIt() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k"]
            #expect(try await client.send(.post, "/v1/events", #"{"event":[]}"#, headers: headers).status == 400)
            #expect(await server.idempotency.count == 0)
            await server.feedback.fail(with: StoreGone())
            #expect(try await client.send(.post, "/v1/events", Self.event, headers: headers).status == 503)
            #expect(await server.idempotency.count == 1)
            await server.feedback.fail(with: nil)
            #expect(try await client.send(.post, "/v1/events", Self.event, headers: headers).status == 409)
            let answer = try await client.send(.post, "/v1/events", Self.event, headers: ["Idempotency-Key": "other"])
            #expect(answer.status == 200 && answer.header("Idempotency-Replayed") == nil)
        }
    }

    @Test func withoutTheStoreNothingIsWritten() async throws {
        let server = TestServer()
        await server.idempotency.fail(with: StoreGone())
        try await server.run { client async throws in
            let answer = try await client.send(
                .post, "/v1/events", Self.event, headers: ["Idempotency-Key": "k"])
            #expect(answer.status == 503)
            #expect(try await client.send(.post, "/v1/events", Self.event).status == 200)
        }
        #expect(await server.feedback.events.count == 1)
    }

    /// Two callers may take the same word.
    @Test func keysBelongToTheirCallers() async throws {
        let server = TestServer()
        server.keys.update(
            ["a", "b"].map {
                APIKey(
                    id: "key_\($0)", name: $0, digest: APIKeyDigest.of($0), scopes: [.feedback],
                    createdAt: Timestamp(microseconds: 0))
            })
        try await server.run { client async throws in
            for key in ["a", "b"] {
                let headers = ["Idempotency-Key": "k", "X-API-Key": key]
                let answer = try await client.send(.post, "/v1/events", Self.event, headers: headers)
                #expect(answer.status == 200 && answer.header("Idempotency-Replayed") == nil)
            }
        }
    }

    @Test(arguments: ["", "\"\"", "a b", "é", String(repeating: "k", count: 256)])
    func refusesWhatIsNoKey(key: String) async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(.post, "/v1/events", Self.event, headers: ["Idempotency-Key": key])
            #expect(answer.status == 400 && answer.errors == ["/header/Idempotency-Key invalid"])
        }
    }

    /// Recommendations write nothing, and what `PUT` does twice is as done once.
    @Test func otherRequestsTakeNoNotice() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let headers = ["Idempotency-Key": "k"]
            #expect(
                try await client.send(.post, "/v1/recommendations", #"{"user_id":"u"}"#, headers: headers).status == 200
            )
            #expect(try await client.send(.put, "/v1/items/i", "{}", headers: headers).status == 201)
            #expect(try await client.send(.put, "/v1/items/j", "{}", headers: headers).status == 201)
        }
        #expect(await server.idempotency.count == 0)
    }
}
