import CascadeCore
import CascadePipeline
import HTTPTypes
import Synchronization
import Testing

@testable import CascadeServer

/// Gives items of every status and keeps what it was asked.
final class StubRanker: Ranking {
    private let asked = Mutex<[(request: RankRequest, context: CascadePipeline.RequestContext)]>([])

    var requests: [(request: RankRequest, context: CascadePipeline.RequestContext)] { asked.withLock { $0 } }

    func rank(
        _ request: RankRequest, context: CascadePipeline.RequestContext
    ) async throws(PipelineError) -> RankResponse {
        asked.withLock { $0.append((request, context)) }
        var items = RankedItem.Status.allCases.enumerated().map { index, status in
            RankedItem(itemID: ItemID("i\(index)"), position: index, status: status)
        }
        items[0].score = 0.5
        items[0].heads = ["like": 0.25]
        items[0].removedBy = "hidden"
        items[0].attributes = Item(id: ItemID("i0"), title: "t")
        return RankResponse(
            recommendationID: "rec_1", userID: request.userID, releaseID: nil,
            generatedAt: Timestamp(milliseconds: 0), items: items, fallback: .init(reason: .rankerError),
            degraded: [.rankerError], timingsMS: .init(total: 2, rank: 1))
    }
}

@Suite struct RankRouteTests {
    @Test func ranksAList() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let body =
                #"{"user_id":"u","item_ids":["a","b/c"],"context":{"surface":"s"},"include":["attributes"],"debug":true}"#
            let answer = try await client.send(.post, "/v1/rank", body, headers: ["X-Request-ID": "me"])
            #expect(answer.status == 200)
            #expect(
                answer.json["items"]?[0] == [
                    "item_id": "i0", "position": 0, "status": "ranked", "score": 0.5, "heads": ["like": 0.25],
                    "removed_by": "hidden",
                    "attributes": answer.json["items"]?[0]?["attributes"] ?? .null,
                ])
            #expect(answer.json["items"]?[0]?["attributes"]?["title"] == "t")
            #expect(answer.json["items"]?[3] == ["item_id": "i3", "position": 3, "status": "unknown_item"])
            #expect(answer.json["fallback"] == ["used": true, "reason": "ranker_error"])
            #expect(answer.json["timings_ms"] == ["total": 2, "rank": 1])
            _ = try await client.send(.post, "/v1/rank", #"{"user_id":null,"item_ids":["a"]}"#)
        }
        let asked = server.ranker.requests
        #expect(
            asked[0].request
                == RankRequest(
                    userID: UserID("u"), itemIDs: [ItemID("a"), ItemID("b/c")], context: ["surface": "s"],
                    include: [.attributes], debug: true))
        #expect(asked[0].context.requestID == "me" && asked[0].context.timeout.map { $0 <= .seconds(5) } == true)
        #expect(asked[1].request == RankRequest(userID: nil, itemIDs: [ItemID("a")]))
    }

    @Test(arguments: [
        (#"{"item_ids":["a"]}"#, ["/user_id missing"]), (#"{"user_id":"u"}"#, ["/item_ids missing"]),
        (#"{"user_id":"u","item_ids":[]}"#, ["/item_ids out_of_range"]),
        (#"{"user_id":"u","item_ids":"a"}"#, ["/item_ids wrong_type"]),
        (#"{"user_id":"u","item_ids":["a",7,"a"]}"#, ["/item_ids/1 wrong_type"]),
        (#"{"user_id":"u","item_ids":["a","a"]}"#, ["/item_ids/1 invalid"]),
        (#"{"user_id":"","item_ids":["a"]}"#, ["/user_id invalid_identifier"]),
        (#"{"user_id":"u","item_ids":["a"],"include":["reasons"]}"#, ["/include invalid"]),
        (#"{"user_id":"u","item_ids":["a"],"limit":1}"#, ["/limit unknown_member"]),
    ])
    func refusesWhatIsWrong(body: String, errors: [String]) async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(.post, "/v1/rank", body)
            #expect(answer.status == 400)
            #expect(answer.errors == errors)
        }
        #expect(server.ranker.requests.isEmpty)
    }
}
