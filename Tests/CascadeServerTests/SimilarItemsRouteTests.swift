import CascadeCore
import CascadePipeline
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct SimilarItemsRouteTests {
    @Test func answersWithScoresAndProvenance() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(.get, "/v1/items/a%2Fb%20%C3%BC/similar")
            #expect(answer.status == 200)
            #expect(
                answer.text == """
                    {"item_id":"a/b ü","release_id":"rel_42","by":"both","items":[\
                    {"item_id":"b/1","position":0,"score":0.5,"sources":[\
                    {"name":"cooccurrence","rank":0,"score":0.25},{"name":"tower","rank":3,"score":0.75}]},\
                    {"item_id":"c","position":1,"score":0.25,"sources":[{"name":"tower","rank":0,"score":0.875}]}],\
                    "degraded":["live_state_unavailable"]}
                    """)
        }
        var expected = SimilarItemsRequest(itemID: ItemID("a/b ü"), limit: 20)
        expected.by = .both
        #expect(server.similar.requests == [expected])
    }

    @Test func takesItsParameters() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let query = #"k=7&by=tower&categories=news,a%5C,b%20c&exclude_item_ids=x%2F1,y%5Cz,%E9%8D%B5"#
            #expect(try await client.send(.get, "/v1/items/i/similar?\(query)").status == 200)
        }
        var expected = SimilarItemsRequest(itemID: ItemID("i"), limit: 7)
        expected.by = .tower
        expected.categories = ["news", "a,b c"]
        expected.excluded = [ItemID("x/1"), ItemID(#"y\z"#), ItemID("鍵")]
        #expect(server.similar.requests == [expected])
    }

    @Test(arguments: [
        ("k=0", "/query/k out_of_range"), ("k=201", "/query/k out_of_range"), ("k=x", "/query/k wrong_type"),
        ("by=magic", "/query/by invalid"), ("categories=", "/query/categories invalid"),
        ("categories=a,,b", "/query/categories invalid"), ("exclude_item_ids=,", "/query/exclude_item_ids invalid"),
        ("limit=3", "/query/limit unknown_parameter"), ("k=1&k=2", "/query/k invalid"),
        ("exclude_item_ids=\(String(repeating: "x", count: 257))", "/query/exclude_item_ids too_long"),
        ("categories=a\(String(repeating: ",a", count: 100))", "/query/categories out_of_range"),
    ])
    func refusesOddParameters(query: String, error: String) async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(.get, "/v1/items/i/similar?\(query)")
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
        #expect(server.similar.requests.isEmpty)
    }

    @Test func refusesOddIdentifiersAndMethods() async throws {
        try await TestServer().run { client async throws in
            #expect(
                try await client.send(.get, "/v1/items/a%00b/similar").errors == ["/path/item_id invalid_identifier"])
            let wrong = try await client.send(.put, "/v1/items/i/similar", "{}")
            #expect(wrong.status == 405)
            #expect(wrong.header("Allow") == "GET, HEAD")
        }
    }

    @Test func tellsUnknownItemsFromNewOnes() async throws {
        let failure = SimilarItemsError.notInRelease(item: ItemID("new"), releaseID: "rel_42")
        var server = TestServer()
        server.similar = StubSimilarItems(failure: failure)
        try await server.run { [server] client async throws in
            let unknown = try await client.send(.get, "/v1/items/new/similar")
            #expect(unknown.status == 404)
            #expect(unknown.json["detail"] == "there is no item 'new'")
            _ = try await server.catalog.put(Item(id: ItemID("new")))
            let new = try await client.send(.get, "/v1/items/new/similar")
            #expect(new.status == 404)
            #expect(new.json["code"] == "not_found")
            #expect(new.json["detail"] == .string("\(failure)"))
            await server.catalog.fail(with: StoreGone())
            #expect(try await client.send(.get, "/v1/items/new/similar").status == 503)
        }
    }

    @Test func isUnavailableWithoutARelease() async throws {
        var server = TestServer()
        server.similar = StubSimilarItems(failure: .noActiveRelease)
        try await server.run { client async throws in
            let answer = try await client.send(.get, "/v1/items/i/similar")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "10")
        }
    }
}
