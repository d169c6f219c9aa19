import CascadeFuzzing
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CascadeServer

/// Whatever is sent, the answer is a 2xx or a problem that names what is wrong, and never a 5xx or the end of the process.
@Suite struct RequestFuzzTests {
    /// A route with good bodies for it.
    struct Target: CustomTestStringConvertible, Sendable {
        let method: Method
        let path: String
        let bodies: [String]
        var type = "application/json"

        var testDescription: String { "\(method) \(path) \(type)" }
    }

    static let targets = [
        Target(
            method: .post, path: "/v1/recommendations",
            bodies: [
                #"{"user_id":"u1","limit":20,"context":{"surface":"home"},"seed":7,"debug":true}"#,
                #"{"user_id":null,"filters":{"categories_any":["a","b"],"exclude_item_ids":["i9"],"exclude_seen":false,"max_age_seconds":1.5},"diversity":{"creator_decay":0.5,"creator_floor":0.25,"max_per_creator":2,"max_per_category":0},"include":["scores","reasons","attributes"]}"#,
            ]),
        Target(
            method: .post, path: "/v1/rank",
            bodies: [#"{"user_id":"u1","item_ids":["i1","i2"],"include":["scores"],"context":{"surface":"x"}}"#]),
        Target(
            method: .post, path: "/v1/events",
            bodies: [
                #"{"events":[{"event_id":"e1","type":"click","user_id":"u1","item_id":"i3","occurred_at":"2026-09-30T12:00:05Z","value":1.0,"impression_id":"m1","recommendation_id":"r","session_id":"s1","position":0,"surface":"home"},{"event_id":"e2","type":"like","user_id":"u","item_id":"i","occurred_at":"2026-09-30T12:00:05.123+02:00"}]}"#
            ]),
        Target(
            method: .post, path: "/v1/impressions",
            bodies: [
                #"{"impressions":[{"impression_id":"m1","recommendation_id":"r","user_id":"u1","shown_at":"2026-09-30T12:00:00Z","items":[{"item_id":"i1","position":0,"propensity":0.25},{"item_id":"i2","position":1}]}]}"#
            ]),
        Target(
            method: .post, path: "/v1/items",
            bodies: [
                #"{"items":[{"item_id":"a/b","title":"t","categories":["x","y"],"creator_id":"c","attributes":{"n":1.5,"f":true,"t":"v","l":["p"]},"created_at":"2026-01-01T00:00:00Z","hidden":false,"vectors":{"clip":[1,2.5]}}]}"#
            ]),
        Target(
            method: .post, path: "/v1/items",
            bodies: [
                "{\"item_id\":\"i1\",\"title\":\"t\"}\n{\"item_id\":\"i2\",\"categories\":[\"x\"]}\n\n{\"item_id\":\"i3\"}"
            ], type: "application/x-ndjson"),
        Target(
            method: .post, path: "/v1/users",
            bodies: [#"{"users":[{"user_id":"u","attributes":{"age":3,"tags":["a"]}}]}"#]),
        Target(
            method: .put, path: "/v1/items/i%2F1", bodies: [#"{"title":"t","categories":["x"],"attributes":{"n":1}}"#]),
        Target(
            method: .patch, path: "/v1/items/i1",
            bodies: [#"{"title":null,"attributes":{"n":null,"m":2},"vectors":{"clip":null}}"#]),
        Target(method: .put, path: "/v1/users/u1", bodies: [#"{"attributes":{"age":30,"city":"b"}}"#]),
        Target(
            method: .post, path: "/v1/jobs", bodies: [#"{"kind":"train","params":{"until":"2026-01-01T00:00:00Z"}}"#]),
    ]

    private static let words = targets.flatMap { $0.bodies }
        .flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init) }

    @Test(arguments: targets) func bodiesNeverBreakIt(target: Target) async throws {
        try await TestServer().run { client in
            var budget = FuzzBudget(cases: 250)
            var mutator = Mutator(words: Self.words, seed: budget.seed)
            let good = target.bodies.map { Array($0.utf8) }
            while budget.next() {
                let body = mutator.input(of: good)
                var fields = HTTPFields()
                fields[.contentType] = target.type
                let response = try await client.executeRequest(
                    uri: target.path, method: target.method, headers: fields, body: ByteBuffer(bytes: body))
                let text = String(buffer: response.body)
                let isTold = response.status.code < 300 || text.contains("\"code\"")
                #expect(
                    response.status.code < 500 && isTold,
                    "seed \(budget.seed), input \(budget.done): \(response.status.code) for \(String(decoding: body, as: UTF8.self))"
                )
            }
            budget.report(target.testDescription)
        }
    }

    @Test func pathsAndQueriesNeverBreakIt() async throws {
        let good = [
            "/v1/users/u1/recommendations?limit=5&include=reasons,scores&exclude_seen=false&debug=true",
            "/v1/items?limit=2&cursor=abc&category=x&hidden=false", "/v1/users/u%2F1/events?type=click&limit=3",
            "/v1/recommendations/rec_1/explain?item_id=i7", "/v1/items/a%2Fb/similar?limit=3", "/v1/jobs?limit=4",
            "/v1/users/u1/follows?limit=5000", "/v1/releases/rel_1",
        ].map { Array($0.utf8) }
        try await TestServer().run { client in
            var budget = FuzzBudget(cases: 1500)
            var mutator = Mutator(
                words: ["%2F", "%00", "%ff", "&limit=", "?cursor=", "limit=-1", "%", "//", "#", "item_id="],
                seed: budget.seed)
            while budget.next() {
                // What a connection would not let through is not a path.
                let path = String(
                    decoding: mutator.input(of: good).filter { $0 > 32 && $0 < 127 && $0 != 0x22 }, as: UTF8.self)
                guard path.hasPrefix("/") else { continue }
                let response = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
                #expect(
                    response.status.code < 500,
                    "seed \(budget.seed), input \(budget.done): \(response.status.code) for \(path)")
            }
            budget.report("paths and queries")
        }
    }
}
