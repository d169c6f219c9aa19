import CascadeCore
import CascadeObservability
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct AuthenticationTests {
    /// SHA-256 of `secret-key` and of `other-key`.
    private static let digests = [
        "85dbe15d75ef9308c7ae0f33c7a324cc6f4bf519a2ed2f3027bd33c140a4f9aa",
        "580843D03D2216FF1A275D0991BAD66E4D1AF871171D929E9DE604B7959F9BCA",
    ]

    private static func server() -> TestServer {
        var server = TestServer()
        server.settings.auth.keysSHA256 = digests
        server.keys = KeyRing(server.settings.auth)
        return server
    }

    @Test func asksForAKey() async throws {
        try await Self.server().run { client in
            for path in ["/v1/pipeline", "/metrics", "/none"] {
                let answer = try await client.send(.get, path)
                #expect(answer.status == 401)
                #expect(answer.json["code"] == "unauthorized")
                #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            }
        }
    }

    @Test(arguments: [
        ["Authorization": "Bearer secret-key"], ["Authorization": "bearer secret-key"], ["X-API-Key": "secret-key"],
        ["X-API-Key": "wrong", "Authorization": "Bearer secret-key"],
    ])
    func letsKeysPass(headers: [String: String]) async throws {
        try await Self.server().run { client async throws in
            #expect(try await client.send(.get, "/v1/pipeline", headers: headers).status == 200)
        }
    }

    @Test(arguments: [
        ["Authorization": "Bearer wrong"], ["Authorization": "secret-key"], ["Authorization": "Basic secret-key"],
        ["Authorization": "Bearer"], ["X-API-Key": ""], ["X-API-Key": "secret-key2"],
        ["X-API-Key": "85dbe15d75ef9308c7ae0f33c7a324cc6f4bf519a2ed2f3027bd33c140a4f9aa"],
    ])
    func keepsOthersOut(headers: [String: String]) async throws {
        let server = Self.server()
        try await server.run { client async throws in
            #expect(try await client.send(.put, "/v1/items/1", "{}", headers: headers).status == 401)
        }
        #expect(await server.catalog.itemsByID.isEmpty)
        #expect(!server.log.lines.joined().contains("secret-key"))
    }

    @Test func probesNeedNoKey() async throws {
        try await Self.server().run { client async throws in
            #expect(try await client.send(.get, "/health/live").status == 200)
            #expect(try await client.send(.get, "/health/ready").status == 200)
        }
    }

    @Test func readsDigests() {
        #expect(APIKeyDigest.digest(fromHex: Self.digests[0])?.first == 0x85)
        #expect(APIKeyDigest.digest(fromHex: Self.digests[1])?.first == 0x58)
        for text in ["", "85", String(repeating: "g", count: 64), String(repeating: "é", count: 64)] {
            #expect(APIKeyDigest.digest(fromHex: text) == nil)
        }
    }

    // MARK: keys of the database

    private static func key(_ text: String, _ scopes: Set<APIScope>, revoked: Bool = false) -> APIKey {
        APIKey(
            id: "key_\(text)", name: text, digest: APIKeyDigest.of(text), scopes: scopes,
            createdAt: Timestamp(microseconds: 0), revokedAt: revoked ? Timestamp(microseconds: 1) : nil)
    }

    /// Each path needs one scope; the others do not open it.
    @Test(arguments: [
        ("GET", "/v1/users/u/recommendations", APIScope.recommend), ("GET", "/v1/items/i/similar", .recommend),
        ("POST", "/v1/events", .feedback), ("GET", "/v1/users/u/events", .feedback),
        ("PUT", "/v1/users/u/follows/c", .feedback), ("GET", "/v1/items", .catalog),
        ("DELETE", "/v1/users/u", .catalog),
        ("GET", "/v1/pipeline", .inspect), ("HEAD", "/v1/pipeline", .inspect), ("GET", "/metrics", .inspect),
        ("GET", "/v1/recommendations/r/explain", .inspect), ("GET", "/v1/stats", .inspect),
        ("POST", "/v1/rank", .recommend), ("POST", "/v1/recommendations/r/next", .recommend),
        ("GET", "/v1/jobs", .inspect), ("GET", "/v1/jobs/j", .inspect), ("POST", "/v1/jobs", .admin),
        ("POST", "/v1/jobs/j/cancel", .admin), ("POST", "/v1/releases/r/activate", .admin),
        ("POST", "/v1/releases/rollback", .admin),
    ])
    func aScopeOpensItsPaths(method: String, path: String, scope: APIScope) async throws {
        let server = TestServer()
        server.keys.update(APIScope.allCases.map { Self.key($0.rawValue, [$0]) })
        try await server.run { client async throws in
            for other in APIScope.allCases {
                let answer = try await client.send(
                    try #require(HTTPRequest.Method(method)), path, method == "POST" ? "{}" : nil,
                    headers: ["X-API-Key": other.rawValue])
                #expect((answer.status == 403) == (other != scope), "\(other): \(answer.status)")
                #expect(answer.status != 401)
                if other != scope, method != "HEAD" {
                    #expect(answer.json["code"] == "forbidden" && answer.text.contains("'\(scope.rawValue)'"))
                }
            }
        }
    }

    @Test func everyRouteButTheProbesHasAScope() {
        let server = TestServer()
        let routes = Routes.all(server.dependencies, HTTPMetrics(registry: server.registry))
        #expect(Set(routes.filter { $0.scope == nil }.map(\.template)) == ["/health/live", "/health/ready"])
    }

    @Test func aRevokedKeyIsTakenNoMore() async throws {
        let server = TestServer()
        server.keys.update([Self.key("one", [.inspect]), Self.key("two", [.inspect])])
        try await server.run { client async throws in
            func status(_ key: String) async throws -> Int {
                try await client.send(.get, "/v1/pipeline", headers: ["X-API-Key": key]).status
            }
            #expect(try await status("one") == 200)
            server.keys.update([Self.key("one", [.inspect], revoked: true), Self.key("two", [.inspect])])
            #expect(try await status("one") == 401)
            #expect(try await status("two") == 200)
            // To revoke the last one opens nothing.
            server.keys.update([Self.key("one", [.inspect], revoked: true), Self.key("two", [.inspect], revoked: true)])
            #expect(try await status("two") == 401)
            #expect(try await client.send(.get, "/v1/pipeline").status == 401)
        }
    }

    /// Without a key, and none demanded, everybody may do everything; demanded, nobody may do anything.
    @Test func keysCanBeDemandedBeforeThereAreAny() async throws {
        try await TestServer().run { client async throws in
            #expect(try await client.send(.get, "/v1/pipeline").status == 200)
        }
        var server = TestServer()
        server.settings.auth.requireKeys = true
        server.keys = KeyRing(server.settings.auth)
        try await server.run { client async throws in
            #expect(try await client.send(.get, "/v1/pipeline").status == 401)
            #expect(try await client.send(.get, "/health/live").status == 200)
        }
        server.settings.host = "0.0.0.0"
        #expect(server.settings.problems().isEmpty)
    }
}
