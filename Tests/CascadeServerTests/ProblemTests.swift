import CascadeCore
import CascadeObservability
import CascadePipeline
import HTTPTypes
import Hummingbird
import Testing

@testable import CascadeServer

@Suite struct ProblemTests {
    @Test func hasTheShapeOfAProblemDocument() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(
                .post, "/v1/recommendations", #"{"user_id":"u","limt":3}"#, headers: ["X-Request-ID": "req-7"])
            #expect(answer.status == 400)
            #expect(answer.header("Content-Type") == "application/problem+json")
            #expect(answer.header("X-Request-ID") == "req-7")
            guard case .object(let members) = answer.json else { return #expect(Bool(false), "no object") }
            #expect(
                members.map(\.name)
                    == ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"])
            #expect(answer.json["type"] == "https://cascade.invalid/problems/validation")
            #expect(answer.json["title"] == "The request is not valid")
            #expect(answer.json["status"] == 400)
            #expect(answer.json["instance"] == "/v1/requests/req-7")
            #expect(answer.json["code"] == "validation")
            #expect(answer.json["request_id"] == "req-7")
            #expect(answer.json["errors"]?[0]?["pointer"] == "/limt")
        }
    }

    @Test func unknownPathIsNotFound() async throws {
        try await TestServer().run { client in
            for path in ["/", "/v1", "/v1/item", "/v1/items/a/b", "/v2/items/a", "/health", "/v1/items/a/../b"] {
                let answer = try await client.send(.get, path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.json["code"] == "not_found")
                #expect(answer.header("X-Request-ID")?.isEmpty == false)
            }
        }
    }

    @Test(arguments: [
        ("/v1/recommendations", "POST"), ("/v1/users/u/recommendations", "GET, HEAD"), ("/v1/events", "POST"),
        ("/v1/impressions", "POST"), ("/v1/items", "GET, HEAD, POST"), ("/v1/users", "GET, HEAD, POST"),
        ("/v1/items/a%2Fb", "PUT, PATCH, GET, HEAD, DELETE"), ("/v1/users/u", "PUT, PATCH, GET, HEAD, DELETE"),
        ("/v1/users/u/events", "GET, HEAD"), ("/v1/users/u/hidden", "GET, HEAD"),
        ("/v1/users/u/hidden/i", "PUT, DELETE"),
        ("/v1/pipeline", "GET, HEAD"), ("/v1/releases", "GET, HEAD"), ("/v1/releases/r", "GET, HEAD"),
        ("/v1/openapi.json", "GET, HEAD"),
        ("/health/live", "GET, HEAD"), ("/health/ready", "GET, HEAD"), ("/metrics", "GET, HEAD"),
    ])
    func wrongMethodTellsTheRightOnes(path: String, allowed: String) async throws {
        try await TestServer().run { client in
            let methods = [Method.delete, .patch, .post, .options, Method("BREW")!]
            for method in methods where !allowed.contains(method.rawValue) {
                let answer = try await client.send(method, path)
                #expect(answer.status == 405)
                #expect(answer.json["code"] == "method_not_allowed")
                #expect(answer.header("Allow") == allowed)
            }
        }
    }

    @Test func wrongContentTypeIsRefused() async throws {
        try await TestServer().run { client in
            for type in [nil, "text/plain", "application/x-ndjson", "application/json; charset=latin1"] {
                let answer = try await client.send(.put, "/v1/items/1", "{}", contentType: type)
                #expect(answer.status == 415)
                #expect(answer.json["code"] == "unsupported_media_type")
            }
            for type in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
                #expect(try await client.send(.put, "/v1/items/1", "{}", contentType: type).status < 300)
            }
            let packed = try await client.send(.put, "/v1/items/1", "{}", headers: ["Content-Encoding": "br"])
            #expect(packed.status == 415)
        }
    }

    @Test func longBodyIsRefused() async throws {
        var server = TestServer()
        server.settings.maxBodyBytes = 1024
        try await server.run { client in
            func body(_ bytes: Int) -> String { "{" + String(repeating: " ", count: bytes - 2) + "}" }
            #expect(try await client.send(.put, "/v1/items/1", body(1024)).status == 201)
            let answer = try await client.send(.put, "/v1/items/1", body(1025))
            #expect(answer.status == 413)
            #expect(answer.json["code"] == "too_large")
            // A length that is not announced is counted.
            let hidden = try await client.send(.put, "/v1/items/1", body(5000), headers: ["Content-Length": "10"])
            #expect(hidden.status == 413)
        }
    }

    @Test func malformedJSONTellsWhere() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.put, "/v1/items/1", "{\"title\":\n  nope}")
            #expect(answer.status == 400)
            #expect(answer.errors == [" malformed_json"])
            #expect(answer.text.contains("line 2, column 3"))
            let deep = try await client.send(.put, "/v1/items/1", String(repeating: "[", count: 5000))
            #expect(deep.status == 400)
            #expect(deep.text.contains("32 levels"))
            #expect(try await client.send(.put, "/v1/items/1", "").status == 400)
        }
    }

    @Test func innerErrorsStayInside() async throws {
        struct Secret: Error { let password = "hunter2" }
        let server = TestServer()
        await server.catalog.fail(with: Secret())
        try await server.run { client in
            let answer = try await client.send(.get, "/v1/items/1", headers: ["X-Request-ID": "abc"])
            #expect(answer.status == 500)
            #expect(answer.json["code"] == "internal")
            #expect(answer.json["errors"] == [])
            #expect(!answer.text.contains("hunter2") && !answer.text.contains("Secret"))
        }
        #expect(server.log.lines.contains { $0.contains("Secret") && $0.contains("abc") && $0.contains("error") })
    }

    @Test func everyCodeHasItsStatus() {
        let expected: [ProblemCode: Int] = [
            .validation: 400, .unauthorized: 401, .forbidden: 403, .notFound: 404, .methodNotAllowed: 405,
            .conflict: 409, .idempotencyInFlight: 409, .gone: 410, .tooLarge: 413, .unsupportedMediaType: 415,
            .idempotencyKeyReused: 422, .rateLimited: 429, .internal: 500, .unavailable: 503,
            .deadlineExceeded: 504,
        ]
        #expect(expected.count == ProblemCode.allCases.count)
        for code in ProblemCode.allCases {
            #expect(code.status.code == expected[code])
            #expect(!code.title.isEmpty)
        }
    }

    @Test func mapsEveryKindOfError() {
        struct Known: Error {}
        struct Unknown: Error {}
        let mapping = FailureMapping { $0 is Known ? RequestFailure(.conflict, "twice") : nil }
        let cases: [(any Error, ProblemCode)] = [
            (RequestFailure.unavailable("x"), .unavailable), (PipelineError.cancelled, .unavailable),
            (PipelineError.invalidSettings(["x"]), .internal), (CancellationError(), .unavailable),
            (Known(), .conflict),
            (Unknown(), .internal), (HTTPError(.notFound), .notFound), (HTTPError(.contentTooLarge), .tooLarge),
            (HTTPError(.badRequest), .validation), (HTTPError(.badGateway), .internal),
            (JSONSyntaxError(line: 1, column: 1, reason: "x"), .validation),
        ]
        for (error, code) in cases { #expect(mapping.failure(for: error).code == code, "\(error)") }
    }

    @Test func echoesAcceptableRequestIDsOnly() async throws {
        try await TestServer().run { client in
            let long = String(repeating: "x", count: 128)
            for id in ["abc", "A.b_c-9", long] {
                let answer = try await client.send(.get, "/health/live", headers: ["X-Request-ID": id])
                #expect(answer.header("X-Request-ID") == id)
            }
            for id in ["a b", "a/b", "ü", long + "x", "<script>"] {
                let answer = try await client.send(.get, "/health/live", headers: ["X-Request-ID": id])
                let given = answer.header("X-Request-ID") ?? ""
                #expect(given != id)
                #expect(RequestIdentifier.isAcceptable(given))
            }
            let first = try await client.send(.get, "/health/live").header("X-Request-ID")
            let second = try await client.send(.get, "/health/live").header("X-Request-ID")
            #expect(first != second)
        }
    }

    @Test func headHasNoBody() async throws {
        try await TestServer().run { client in
            for (path, status) in [("/health/live", 200), ("/v1/items/none", 404), ("/none", 404), ("/v1/events", 405)]
            {
                let answer = try await client.send(.head, path)
                #expect(answer.status == status)
                #expect(answer.text.isEmpty)
                #expect(answer.header("Content-Length").flatMap { Int($0) } ?? 0 > 0)
            }
        }
    }
}
