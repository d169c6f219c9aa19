import CascadeCore
import CascadePipeline
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CascadeServer

/// Computes what it is told to.
struct StubExplainer: Explaining {
    var item: RecomputedItem?

    func recompute(_ itemID: String, in trace: PipelineTrace) throws(NotRecomputed) -> RecomputedItem {
        guard let item else { throw .noRelease }
        return item
    }
}

@Suite struct ExplanationRouteTests {
    private static let kept = """
        {"request_id":"q","recommendation_id":"rec_1","user_id":"u","generated_at":"2026-01-01T00:00:00Z","pipeline":"home",
         "release":{"release_id":"rel_1","retrieval_version":"r","index_version":"i","config_hash":"c"},
         "context":{},"requested":1,"returned":1,"degraded":[],"refill_rounds":0,"weights":{"click":1},
         "excluded_before_retrieval":{},"latency_ms":2,"stages":[],"candidates":[
          {"item_id":"i/1","sources":[{"name":"two_tower","rank":3,"score":0.5}],"heads":{"click":0.25},
           "weighted_score":0.75,"final_score":0.5,"position":0},
          {"item_id":"i2","sources":[{"name":"popular","rank":0,"score":9}],"heads":{},"removed_by":"seen",
           "removed_stage":"filter"}]}
        """

    private static func server() throws -> TestServer {
        var server = TestServer()
        server.traces.known["rec_1"] = try JSONDecoder().decode(PipelineTrace.self, from: Data(kept.utf8))
        return server
    }

    @Test func anItemIsExplained() async throws {
        try await Self.server().run { client async throws in
            let shown = try await client.send(.get, "/v1/recommendations/rec_1/explain?item_id=i%2F1").json
            #expect(shown["verdict"] == "shown" && shown["item_id"] == "i/1" && shown["release_id"] == "rel_1")
            #expect(shown["candidate"]?["heads"]?["click"] == .number(0.25))
            let removed = try await client.send(.get, "/v1/recommendations/rec_1/explain?item_id=i2").json
            #expect(
                removed["verdict"] == "removed"
                    && removed["detail"] == "removed by seen (filter); brought by popular at rank 0")
            let absent = try await client.send(.get, "/v1/recommendations/rec_1/explain?item_id=nothing").json
            #expect(absent["verdict"] == "not_retrieved" && absent["candidate"] == .null)
            #expect(absent["detail"] == "none of the sources () brought it; not computed again: no release is served")
        }
    }

    @Test func whatNoSourceBroughtIsComputedAgain() async throws {
        var server = try Self.server()
        server.explainer.item = RecomputedItem(
            releaseID: "rel_1", state: .shown,
            retrieval: .init(score: 0.25, rank: 812, of: 3000, cutRank: 3, cutScore: 0.5), heads: ["click": 0.125],
            weightedScore: 0.125)
        try await server.run { client async throws in
            let absent = try await client.send(.get, "/v1/recommendations/rec_1/explain?item_id=nothing").json
            #expect(absent["verdict"] == "not_retrieved" && absent["candidate"] == .null)
            #expect(
                absent["recomputed"] == [
                    "heads": ["click": 0.125], "release_id": "rel_1",
                    "retrieval": ["cut_rank": 3, "cut_score": 0.5, "of": 3000, "rank": 812, "score": 0.25],
                    "state": "shown", "weighted_score": 0.125,
                ])
            #expect(
                absent["detail"] == """
                    none of the sources () brought it; computed again with the same release: two_tower has it at rank 812 of 3000 \
                    (score 0.2500), and brought items down to rank 3 (score 0.5000); the ranker gives it 0.1250, the slate's last \
                    has 0.7500
                    """)
            let shown = try await client.send(.get, "/v1/recommendations/rec_1/explain?item_id=i%2F1").json
            #expect(shown["recomputed"] == .null)
        }
    }

    @Test func aSlateIsExplained() async throws {
        try await Self.server().run { client async throws in
            let answer = try await client.send(.get, "/v1/recommendations/rec_1/explain")
            #expect(answer.status == 200 && answer.json["user_id"] == "u")
            #expect(answer.json["trace"]?["candidates"]?[1]?["removed_by"] == "seen")
            #expect(answer.json["verdict"] == nil)
        }
    }

    @Test func whatIsNotKeptIsMissing() async throws {
        try await Self.server().run { client async throws in
            let answer = try await client.send(.get, "/v1/recommendations/rec_2/explain")
            #expect(answer.status == 404 && answer.text.contains("trace of recommendation 'rec_2'"))
        }
    }

    @Test(arguments: [
        ("rec_1/explain?item_id=", "/query/item_id invalid_identifier"),
        ("rec_1/explain?x=1", "/query/x unknown_parameter"),
        ("%FF/explain", "/path/recommendation_id invalid_identifier"),
    ])
    func whatIsWrongIsRefused(path: String, error: String) async throws {
        try await Self.server().run { client async throws in
            let answer = try await client.send(.get, "/v1/recommendations/" + path)
            #expect(answer.status == 400 && answer.errors == [error])
        }
    }
}
