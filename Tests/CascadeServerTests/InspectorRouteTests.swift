import CascadeCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import CascadeServer

/// The inspector's page over real HTTP: what is sent with it, and whom it may act for.
@Suite(.serialized) struct InspectorRouteTests {
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    @Test func everyPartIsSentWithItsTypeAndStrictHeaders() async throws {
        try await TestServer().run(.live) { client async throws in
            for asset in InspectorAsset.all {
                let path = asset.name.isEmpty ? "/inspector" : "/inspector/\(asset.name)"
                let answer = try await client.send(.get, path)
                #expect(answer.status == 200 && answer.text.utf8.count == asset.bytes.count, "\(path)")
                let type = path.hasSuffix(".js") ? "text/javascript" : path.hasSuffix(".css") ? "text/css" : "text/html"
                #expect(answer.header("Content-Type") == "\(type); charset=utf-8", "\(path)")
                #expect(answer.header("Content-Security-Policy") == Self.policy)
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Referrer-Policy") == "no-referrer")
                #expect(answer.header("Cross-Origin-Opener-Policy") == "same-origin")
                #expect(answer.header("Cross-Origin-Resource-Policy") == "same-origin")
                #expect(answer.header("Cache-Control") == "private, no-cache")
                let tag = try #require(answer.header("ETag"))
                #expect(try await client.send(.get, path, headers: ["If-None-Match": tag]).status == 304)
                #expect(try await client.send(.head, path).status == 200)
            }
            #expect(try await client.send(.post, "/inspector", "{}").status == 405)
            #expect(try await client.send(.get, "/inspector/none.js").status == 404)
            #expect(try await client.send(.get, "/inspector?user=u").status == 400)
        }
    }

    /// All that the page loads is among its parts, and nothing in it needs what the policy forbids.
    @Test func thePageLoadsNothingElse() throws {
        var names: Set<String> = []
        for asset in InspectorAsset.all {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            for word in [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://", "<style",
                "onclick",
            ] {
                #expect(!text.contains(word), "\(asset.name) has \(word)")
            }
            names.formUnion(text.matches(of: /"\/inspector\/([a-z.]+)"/).map { String($0.1) })
            names.formUnion(text.matches(of: /from '\.\/([a-z.]+)'/).map { String($0.1) })
        }
        #expect(names == Set(InspectorAsset.all.map(\.name)).subtracting([""]))
    }

    @Test func isNotThereWhenItIsTurnedOff() async throws {
        var server = TestServer()
        server.settings.inspector = false
        server.inspectorToken = InspectorToken()
        let token = try #require(server.inspectorToken?.text)
        try await server.run(.live) { client async throws in
            for path in ["/inspector", "/inspector/main.js"] {
                #expect(try await client.send(.get, path).status == 404)
            }
            #expect(
                try await Self.rollback(client, host: "127.0.0.1", origin: "http://127.0.0.1", token: token) == 403)
        }
    }

    @Test func isThereWithoutAKeyAndOpensNothing() async throws {
        var server = TestServer()
        server.settings.auth.requireKeys = true
        server.keys = KeyRing(server.settings.auth)
        server.inspectorToken = InspectorToken()
        let token = try #require(server.inspectorToken?.text)
        try await server.run(.live) { client async throws in
            #expect(try await client.send(.get, "/inspector").status == 200)
            #expect(try await client.send(.get, "/v1/releases").status == 401)
            // Where keys are asked for the token is none.
            #expect(
                try await Self.rollback(client, host: "127.0.0.1", origin: "http://127.0.0.1", token: token) == 401)
        }
    }

    // MARK: actions without keys

    /// Sends what the page's button does from a page at `origin`; 409 is what a server without an earlier release says to those it lets in.
    private static func rollback(
        _ client: any TestClientProtocol, host: String, origin: String?, token: String?
    ) async throws -> Int {
        var headers = HTTPFields()
        headers[.origin] = origin
        headers[.inspectorToken] = token
        let request = TestClient.Request(
            "/v1/releases/rollback", method: .post, authority: host, headers: headers)
        return try await TestClient.withClient(host: "127.0.0.1", port: try #require(client.port)) { raw in
            try await raw.execute(request).status.code
        }
    }

    @Test func itsActionsNeedTokenOriginAndHost() async throws {
        var server = TestServer()
        let token = InspectorToken()
        server.inspectorToken = token
        let right = token.text
        try await server.run(.live) { client async throws in
            for host in ["127.0.0.1:8080", "localhost:8080", "LocalHost", "[::1]:8080", "127.3.2.1"] {
                #expect(try await Self.rollback(client, host: host, origin: "http://\(host)", token: right) == 409)
            }
            // Programs send no origin and need no token.
            #expect(try await Self.rollback(client, host: "127.0.0.1", origin: nil, token: nil) == 409)
            let here = "127.0.0.1:8080"
            for wrong in [
                nil, "", String(right.dropLast()), right + "0", InspectorToken().text, right.uppercased() + " x",
            ] {
                #expect(try await Self.rollback(client, host: here, origin: "http://\(here)", token: wrong) == 403)
            }
            for foreign in [
                "https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8080", "https://\(here)",
                "\(here)",
                "http://\(here)/",
            ] {
                #expect(try await Self.rollback(client, host: here, origin: foreign, token: right) == 403, "\(foreign)")
            }
            // A name of somebody else's that leads here: origin and host are the same, and no loopback name.
            for host in [
                "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example:8080", "192.0.2.1:8080",
                "0.0.0.0:8080",
                "localhost:8080:1", "[::1]evil:80", "[::2]:8080",
            ] {
                #expect(
                    try await Self.rollback(client, host: host, origin: "http://\(host)", token: right) != 409,
                    "\(host)")
            }
        }
    }

    /// Without a token of this start no page is let in, and none helps where others reach the server.
    @Test func noTokenOpensWhatIsOpenToOthers() async throws {
        let here = "127.0.0.1:8080"
        try await TestServer().run(.live) { client async throws in
            #expect(try await Self.rollback(client, host: here, origin: "http://\(here)", token: "") == 403)
        }
        var server = TestServer()
        server.settings.host = "0.0.0.0"
        server.settings.allowRemoteWithoutKeys = true
        let token = InspectorToken()
        server.inspectorToken = token
        try await server.run(.live) { client async throws in
            #expect(try await Self.rollback(client, host: here, origin: "http://\(here)", token: token.text) == 403)
        }
    }

    @Test func theLinkIsGivenOnlyWhereItOpensSomething() {
        let token = InspectorToken()
        #expect(token.text.count == 64 && token.text != InspectorToken().text)
        var settings = ServerSettings()
        #expect(
            token.link(settings, KeyRing(), port: 8080) == "http://127.0.0.1:8080/inspector#token=\(token.text)")
        settings.host = "::1"
        #expect(token.link(settings, KeyRing(), port: 1)?.hasPrefix("http://[::1]:1/inspector#") == true)
        settings.auth.requireKeys = true
        #expect(token.link(settings, KeyRing(settings.auth), port: 1) == nil)
        settings.host = "0.0.0.0"
        #expect(token.link(settings, KeyRing(), port: 1) == nil)
        settings.host = "127.0.0.1"
        settings.inspector = false
        #expect(token.link(settings, KeyRing(), port: 1) == nil)
    }
}
