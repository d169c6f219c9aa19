import CascadePipeline
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CascadeServer

@Suite struct OverloadTests {
    private static let event = #"{"events":[{"type":"click","user_id":"u","item_id":"i"}]}"#

    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func fullWritersRefuseWritersAndNotReaders() async throws {
        var server = TestServer()
        server.settings.maxConcurrentWrites = 2
        server.settings.maxQueuedRequests = 0
        let feedback = server.feedback
        await feedback.hold()
        try await server.run { client in
            async let first = client.send(.post, "/v1/events", Self.event)
            async let second = client.send(.post, "/v1/events", Self.event)
            try await until { await feedback.heldCount == 2 }
            let refused = try await client.send(.post, "/v1/events", Self.event)
            #expect(refused.status == 503)
            #expect(refused.json["code"] == "unavailable")
            #expect(refused.header("Retry-After") == "1")
            #expect(try await client.send(.post, "/v1/recommendations", #"{"user_id":"u"}"#).status == 200)
            #expect(try await client.send(.get, "/health/live").status == 200)
            await feedback.letGo()
            #expect(try await first.status == 200)
            #expect(try await second.status == 200)
            #expect(try await client.send(.post, "/v1/events", Self.event).status == 200)
        }
    }

    @Test func waitersAreServedWhenTheirTurnComes() async throws {
        var server = TestServer()
        server.settings.maxConcurrentWrites = 1
        server.settings.maxQueueWaitMilliseconds = 60_000
        server.settings.requestTimeoutMilliseconds = 60_000
        let feedback = server.feedback
        await feedback.hold()
        try await server.run { client in
            async let first = client.send(.post, "/v1/events", Self.event)
            try await until { await feedback.heldCount == 1 }
            async let second = client.send(.post, "/v1/events", Self.event)
            await feedback.letGo()
            #expect(try await first.status == 200)
            #expect(try await second.status == 200)
        }
    }

    @Test func longWaitIsRefused() async throws {
        var server = TestServer()
        server.settings.maxConcurrentWrites = 1
        server.settings.maxQueueWaitMilliseconds = 5
        let feedback = server.feedback
        await feedback.hold()
        try await server.run { client in
            async let first = client.send(.post, "/v1/events", Self.event)
            try await until { await feedback.heldCount == 1 }
            #expect(try await client.send(.post, "/v1/events", Self.event).status == 503)
            await feedback.letGo()
            #expect(try await first.status == 200)
        }
    }
}
