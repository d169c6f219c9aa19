import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

/// What changes the service: releases, and who may do such things.
@Suite struct AdministrationTests {
    @Test func activatesAndRollsBack() async throws {
        try await TestServer().run { client async throws in
            for id in ["rel_1", "rel_2"] {
                let answer = try await client.send(.post, "/v1/releases/\(id)/activate")
                #expect(answer.status == 200)
                #expect(answer.json["release_id"] == .string(id) && answer.json["state"] == "active")
            }
            let back = try await client.send(.post, "/v1/releases/rollback")
            #expect(back.status == 200 && back.json["release_id"] == "rel_1")
            let none = try await client.send(.post, "/v1/releases/rollback")
            #expect(none.status == 409 && none.json["code"] == "conflict")
            #expect(try await client.send(.post, "/v1/releases/unknown/activate").status == 404)
            #expect(try await client.send(.post, "/v1/releases/unsound/activate").status == 409)
            #expect(try await client.send(.post, "/v1/releases/rollback?to=1").status == 400)
            let wrong = try await client.send(.get, "/v1/releases/rollback")
            #expect(wrong.status == 405 && wrong.header("Allow") == "POST")
        }
    }

    @Test func tellsCountsAndAges() async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(.get, "/v1/stats")
            #expect(answer.status == 200 && answer.header("Content-Type") == "application/json")
            #expect(answer.json["rows"]?["hidden_items"] == 3)
            #expect(answer.json["active_release"]?["feedback_ahead_seconds"] == 2)
            #expect(try await client.send(.get, "/v1/stats?all=1").errors == ["/query/all unknown_parameter"])
        }
    }

    private static let paths = [
        "/v1/jobs", "/v1/jobs/j/cancel", "/v1/releases/r/activate", "/v1/releases/rollback",
    ]

    /// Everybody on the machine may without keys; nobody from elsewhere, whatever the settings allow.
    @Test func isNeverOpenToOthersWithoutKeys() async throws {
        var server = TestServer()
        server.settings.host = "0.0.0.0"
        server.settings.allowRemoteWithoutKeys = true
        try await server.run { client async throws in
            for path in Self.paths {
                let answer = try await client.send(.post, path, "{}")
                #expect(answer.status == 403 && answer.json["code"] == "forbidden", "\(path)")
                #expect(answer.text.contains("--scope admin"))
            }
            #expect(try await client.send(.get, "/v1/stats").status == 200)
        }
        server.keys.update([
            APIKey(
                id: "k", name: "k", digest: APIKeyDigest.of("admin"), scopes: [.admin],
                createdAt: Timestamp(microseconds: 0))
        ])
        try await server.run { client async throws in
            let headers = ["X-API-Key": "admin", "Origin": "https://ops.example"]
            let answer = try await client.send(.post, "/v1/releases/r/activate", headers: headers)
            #expect(answer.status == 200)
        }
    }

    /// A page that anybody made must not roll back the server of whoever looks at it.
    @Test func isNotOpenToPagesOfABrowserWithoutKeys() async throws {
        try await TestServer().run { client async throws in
            for path in Self.paths {
                let answer = try await client.send(.post, path, "{}", headers: ["Origin": "https://evil.example"])
                #expect(answer.status == 403, "\(path)")
            }
        }
    }

    /// To the server a proxy on its machine is somebody of its machine, whoever is behind.
    @Test(arguments: ["X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Real-IP", "Via"])
    func isNotOpenThroughAProxyWithoutKeys(header: String) async throws {
        try await TestServer().run { client async throws in
            for path in Self.paths {
                let answer = try await client.send(.post, path, "{}", headers: [header: "203.0.113.9"])
                #expect(answer.status == 403 && answer.text.contains(header), "\(path)")
            }
        }
    }
}
