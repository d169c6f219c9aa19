import CascadeCore
import CascadeObservability
import CascadePipeline
import Foundation
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct RecommendationRouteTests {
    private static let path = "/v1/recommendations"

    @Test func answersWithTheSlate() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.post, Self.path, #"{"user_id":"u1","limit":1}"#)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/json")
            #expect(
                answer.text == """
                    {"recommendation_id":"rec_1","user_id":"u1","release_id":"rel_42",\
                    "generated_at":"2026-09-30T12:00:00Z","items":[{"item_id":"i/3","position":0,"score":0.183,\
                    "heads":{"click":0.12,"like":0.03,"skip":0.4},"sources":[{"name":"two_tower","rank":4,"score":0.71},\
                    {"name":"popular","rank":1,"score":12},{"name":"interests","rank":3,"score":-2.5,"interest":\
                    {"cluster":7,"name":"oaks","rank":1,"probability":0.25,"because":["i/1","i2"]}}],"propensity":0.25,"reasons":["similar_to_history"]}],\
                    "fallback":{"used":false,"reason":null},"underfilled":{"requested":1,"returned":1,"cause":null},\
                    "degraded":["caps_relaxed"],"timings_ms":{"total":14.2,"retrieve":4.1,"rank":6},\
                    "next":"/v1/recommendations/rec_1/next"}
                    """)
        }
    }

    @Test func passesEveryMemberOn() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = """
                {"user_id":"u/ü","limit":7,"context":{"surface":"home"},
                 "filters":{"categories_any":["news"],"exclude_item_ids":["i9"],"exclude_seen":false,
                            "max_age_seconds":172800},
                 "diversity":{"creator_decay":0.5,"creator_floor":0.25,"max_per_creator":2,"max_per_category":3},
                 "include":["scores","attributes"],"debug":true,"seed":7,
                 "events":[{"item_id":"i1","type":"click","occurred_at":"2026-01-02T03:04:05Z","surface":"home"},
                           {"item_id":"i2"}],
                 "weights":{"like":3,"click":0.5},"release_id":"rel_7"}
                """
            let answer = try await client.send(
                .post, Self.path, body, headers: ["X-Request-ID": "abc", "X-Request-Timeout-Ms": "250"])
            #expect(answer.status == 200)
            #expect(answer.json["trace"]?["pipeline"] == "recommend")
        }
        let (request, context) = try #require(server.recommender.requests.first)
        var expected = RecommendRequest(userID: UserID("u/ü"), limit: 7, context: ["surface": "home"])
        expected.filters = .init(
            categoriesAny: ["news"], excludeItemIDs: [ItemID("i9")], excludeSeen: false, maxAgeSeconds: 172_800)
        expected.diversity = .init(creatorDecay: 0.5, creatorFloor: 0.25, maxPerCreator: 2, maxPerCategory: 3)
        expected.include = [.scores, .attributes]
        expected.debug = true
        expected.seed = 7
        expected.weights = ["like": 3, "click": 0.5]
        expected.releaseID = "rel_7"
        expected.events = [
            SessionEvent(
                itemID: ItemID("i1"), type: "click", at: Timestamp(rfc3339: "2026-01-02T03:04:05Z"), surface: "home"),
            SessionEvent(itemID: ItemID("i2")),
        ]
        #expect(request == expected)
        #expect(context.requestID == "abc")
        let timeout = try #require(context.timeout)
        #expect(timeout > .zero && timeout <= .milliseconds(250))
    }

    @Test func isEqualToTheCodableForm() async throws {
        for debug in [false, true] {
            var request = RecommendRequest(
                userID: UserID("u"), limit: 3, include: Set(RecommendRequest.Include.allCases))
            request.debug = debug
            var slate = StubRecommender.slate(for: request)
            slate.next = "/v1/next"
            if var trace = slate.trace {
                // A number that is not finite has no equal, so this test does without.
                trace.candidates[0].retrievalScore = 0.5
                slate.trace = trace
            }
            let bytes = JSONWriter.bytes(of: try RecommendationDocument.json(of: slate))
            #expect(try JSONDecoder().decode(RecommendResponse.self, from: Data(bytes)) == slate)
        }
    }

    @Test func anonymousMustBeSaid() async throws {
        let server = TestServer()
        try await server.run { client in
            let anonymous = try await client.send(.post, Self.path, #"{"user_id":null}"#)
            #expect(anonymous.status == 200)
            #expect(anonymous.json["user_id"] == JSONValue.null)
            let forgotten = try await client.send(.post, Self.path, "{}")
            #expect(forgotten.status == 400)
            #expect(forgotten.errors == ["/user_id missing"])
        }
        #expect(server.recommender.requests.count == 1)
    }

    @Test(arguments: [
        (#"{"user_id":"u","limt":3}"#, "/limt unknown_member"),
        (#"{"user_id":"u","a/b~c":3}"#, "/a~1b~0c unknown_member"),
        (#"{"user_id":"u","filters":{"category":1}}"#, "/filters/category unknown_member"),
        (#"{"user_id":"u","diversity":{"decay":1}}"#, "/diversity/decay unknown_member"),
        (#"{"user_id":7}"#, "/user_id wrong_type"),
        (#"{"user_id":""}"#, "/user_id invalid_identifier"),
        (#"{"user_id":"u","limit":"3"}"#, "/limit wrong_type"),
        (#"{"user_id":"u","limit":2.5}"#, "/limit wrong_type"),
        (#"{"user_id":"u","limit":0}"#, "/limit out_of_range"),
        (#"{"user_id":"u","limit":201}"#, "/limit out_of_range"),
        (#"{"user_id":"u","context":{"a":1}}"#, "/context/a wrong_type"),
        (#"{"user_id":"u","context":[]}"#, "/context wrong_type"),
        (#"{"user_id":"u","filters":[]}"#, "/filters wrong_type"),
        (#"{"user_id":"u","filters":{"exclude_item_ids":["a",1]}}"#, "/filters/exclude_item_ids/1 wrong_type"),
        (#"{"user_id":"u","filters":{"exclude_item_ids":[""]}}"#, "/filters/exclude_item_ids/0 invalid_identifier"),
        (#"{"user_id":"u","filters":{"max_age_seconds":-1}}"#, "/filters/max_age_seconds out_of_range"),
        (#"{"user_id":"u","filters":{"exclude_seen":"yes"}}"#, "/filters/exclude_seen wrong_type"),
        (#"{"user_id":"u","diversity":{"creator_decay":1.5}}"#, "/diversity/creator_decay out_of_range"),
        (#"{"user_id":"u","diversity":{"max_per_creator":-1}}"#, "/diversity/max_per_creator out_of_range"),
        (#"{"user_id":"u","include":["score"]}"#, "/include/0 invalid"),
        (#"{"user_id":"u","include":"scores"}"#, "/include wrong_type"),
        (#"{"user_id":"u","debug":1}"#, "/debug wrong_type"),
        (#"{"user_id":"u","seed":-1}"#, "/seed out_of_range"),
        (#"[]"#, " wrong_type"),
    ])
    func refusesWithPointer(body: String, error: String) async throws {
        let server = TestServer()
        try await server.run { client in
            let answer = try await client.send(.post, Self.path, body)
            #expect(answer.status == 400)
            #expect(answer.json["code"] == "validation")
            #expect(answer.errors.contains(error))
        }
        #expect(server.recommender.requests.isEmpty)
    }

    @Test func tellsAllProblemsAtOnce() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.post, Self.path, #"{"limit":0,"debug":1,"x":{},"user_id":5}"#)
            #expect(
                Set(answer.errors)
                    == ["/limit out_of_range", "/debug wrong_type", "/x unknown_member", "/user_id wrong_type"])
        }
    }

    @Test func shortFormTakesQueryParameters() async throws {
        let server = TestServer()
        try await server.run { client in
            let uri =
                "/v1/users/a%2Fb%20%C3%BC/recommendations?limit=3&include=scores,attributes&debug=true&exclude_seen=false"
            let answer = try await client.send(.get, uri)
            #expect(answer.status == 200)
            #expect(answer.json["user_id"] == "a/b ü")
        }
        let request = try #require(server.recommender.requests.first?.request)
        #expect(request.limit == 3)
        #expect(request.include == [.scores, .attributes])
        #expect(request.debug)
        #expect(!request.filters.excludeSeen)
    }

    @Test(arguments: [
        ("limit=0", "/query/limit out_of_range"), ("limit=x", "/query/limit wrong_type"),
        ("n=3", "/query/n unknown_parameter"), ("include=all", "/query/include invalid"),
        ("debug=1", "/query/debug wrong_type"), ("limit=1&limit=2", "/query/limit invalid"),
        ("limit=%FF", "/query invalid"),
    ])
    func shortFormRefusesWithPointer(query: String, error: String) async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/v1/users/u/recommendations?\(query)")
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
    }

    @Test func pipelineProblemsBecomeProblems() async throws {
        var server = TestServer()
        server.recommender = StubRecommender { request, _ throws(PipelineError) in
            switch request.limit {
            case 1: throw .invalidRequest([RequestProblem(pointer: "/limit", code: "out_of_range", detail: "no")])
            case 2: throw .cancelled
            default: throw .contract(component: "secret_component", detail: "secret")
            }
        }
        try await server.run { client in
            let invalid = try await client.send(.post, Self.path, #"{"user_id":"u","limit":1}"#)
            #expect(invalid.status == 400)
            #expect(invalid.errors == ["/limit out_of_range"])
            let cancelled = try await client.send(.post, Self.path, #"{"user_id":"u","limit":2}"#)
            #expect(cancelled.status == 503)
            let broken = try await client.send(.post, Self.path, #"{"user_id":"u","limit":3}"#)
            #expect(broken.status == 500)
            #expect(broken.json["code"] == "internal")
            #expect(!broken.text.contains("secret"))
        }
        #expect(server.log.lines.contains { $0.contains("secret_component") })
    }

    @Test func lateAnswerIsAFailure() async throws {
        var server = TestServer()
        server.recommender = StubRecommender { request, _ throws(PipelineError) in
            do { try await Task.sleep(for: .seconds(60)) } catch { throw .cancelled }
            return StubRecommender.slate(for: request)
        }
        try await server.run { client in
            let answer = try await client.send(
                .post, Self.path, #"{"user_id":"u"}"#, headers: ["X-Request-Timeout-Ms": "20"])
            #expect(answer.status == 504)
            #expect(answer.json["code"] == "deadline_exceeded")
        }
    }

    @Test(arguments: ["0", "-1", "1.5", "soon", "9999999"])
    func refusesOddTimeouts(text: String) async throws {
        try await TestServer().run { client in
            let answer = try await client.send(
                .post, Self.path, #"{"user_id":"u"}"#, headers: ["X-Request-Timeout-Ms": text])
            #expect(answer.status == 400)
            #expect(answer.errors == ["/header/X-Request-Timeout-Ms out_of_range"])
        }
    }
}
