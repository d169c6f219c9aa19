import CascadePipeline
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import CascadeServer

@Suite(.serialized) struct LiveServerTests {
    private static let event = #"{"events":[{"type":"click","user_id":"u","item_id":"i"}]}"#

    @Test func answersOverASocket() async throws {
        try await TestServer().run(.live) { client in
            let made = try await client.send(.put, "/v1/items/a%2Fb%20%C3%BC", #"{"title":"é"}"#)
            #expect(made.status == 201)
            #expect(try await client.send(.get, "/v1/items/a%2Fb%20%C3%BC").json["title"] == "é")
            #expect(try await client.send(.head, "/v1/items/none").status == 404)
            #expect(try await client.send(.get, "/health/ready").status == 200)
        }
    }

    @Test func longBodyIsRefusedBeforeItIsRead() async throws {
        var server = TestServer()
        server.settings.maxBodyBytes = 1024
        try await server.run(.live) { client in
            let answer = try await client.send(.put, "/v1/items/1", String(repeating: "x", count: 300_000))
            #expect(answer.status == 413)
            #expect(answer.header("Connection") == "close")
        }
    }

    /// Runs the server on a free port in a service group, as the command line does.
    private func withServer(
        _ server: TestServer, _ test: @Sendable @escaping (_ port: Int, ServiceGroup) async throws -> Void
    ) async throws {
        var server = server
        server.settings.port = 0
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        server.onListening = { _, port in announce.yield(port) }
        let application = try buildApplication(dependencies: server.dependencies)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: application, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            try await test(port, group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func withClient(
        _ port: Int, _ test: (TestClient) async throws -> Void
    ) async throws {
        let client = TestClient(host: "127.0.0.1", port: port)
        client.connect()
        do {
            try await test(client)
        } catch {
            try? await client.shutdown()
            throw error
        }
        try? await client.shutdown()
    }

    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func shutdownAnswersWhatRuns() async throws {
        let server = TestServer()
        let feedback = server.feedback
        await feedback.hold()
        try await withServer(server) { port, group in
            try await withClient(port) { client in
                async let answer = client.execute(
                    TestClient.Request(
                        "/v1/events", method: .post, authority: "localhost",
                        headers: [.contentType: "application/json"], body: ByteBuffer(string: Self.event)))
                try await until { await feedback.heldCount == 1 }
                await group.triggerGracefulShutdown()
                // New connections are refused while the running request is still there.
                try await until { await !isListening(port) }
                await feedback.letGo()
                let response = try await answer
                #expect(response.status == .ok)
            }
        }
        #expect(await feedback.events.count == 1)
    }

    @Test func shutdownEndsAfterItsGrace() async throws {
        var server = TestServer()
        server.settings.shutdownGraceMilliseconds = 20
        server.settings.requestTimeoutMilliseconds = 600_000
        let recommender = StubRecommender { _, _ throws(PipelineError) in
            // Ends only when it is cancelled.
            try? await Task.sleep(for: .seconds(600))
            throw .cancelled
        }
        server.recommender = recommender
        try await withServer(server) { port, group in
            try await withClient(port) { client in
                async let answer = client.execute(
                    TestClient.Request("/v1/users/u/recommendations", method: .get, authority: "localhost"))
                try await until { recommender.requests.count == 1 }
                await group.triggerGracefulShutdown()
                _ = try? await answer
            }
        }
    }

    private func isListening(_ port: Int) async -> Bool {
        do {
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            let response = try await client.get("/health/live")
            try? await client.shutdown()
            return response.status == .ok
        } catch {
            return false
        }
    }

    @Test func takenPortIsToldByName() async throws {
        try await withServer(TestServer()) { port, _ in
            var second = TestServer()
            second.settings.port = port
            let application = try buildApplication(dependencies: second.dependencies)
            let error = await #expect(throws: ServerError.self) { try await application.run() }
            #expect(error == .portInUse(host: "127.0.0.1", port: port))
        }
    }

    @Test func foreignAddressIsToldByName() async throws {
        var server = TestServer()
        server.settings.allowRemoteWithoutKeys = true
        server.settings.port = 0
        for host in ["192.0.2.1", "no-such-host.invalid"] {
            server.settings.host = host
            let application = try buildApplication(dependencies: server.dependencies)
            let error = await #expect(throws: ServerError.self) { try await application.run() }
            guard case .unusableHost(host, _) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
        }
    }
}
