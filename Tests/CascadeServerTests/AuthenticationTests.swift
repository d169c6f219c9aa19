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
        #expect(APIKeys.digest(fromHex: Self.digests[0])?.first == 0x85)
        #expect(APIKeys.digest(fromHex: Self.digests[1])?.first == 0x58)
        for text in ["", "85", String(repeating: "g", count: 64), String(repeating: "é", count: 64)] {
            #expect(APIKeys.digest(fromHex: text) == nil)
        }
    }
}
