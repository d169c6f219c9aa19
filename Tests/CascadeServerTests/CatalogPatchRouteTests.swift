import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct CatalogPatchRouteTests {
    private static let item = """
        {"title":"T","creator_id":"c","categories":["x","y"],"attributes":{"flag":true,"length":3},\
        "created_at":"2026-01-02T03:04:05Z","hidden":true,"vectors":{"image":[1,2,3]}}
        """

    @Test(arguments: ["application/json", "application/merge-patch+json; charset=utf-8"])
    func changesWhatItNames(contentType: String) async throws {
        try await TestServer().run { client async throws in
            _ = try await client.send(.put, "/v1/items/1", Self.item)
            let body = #"{"item_id":"1","title":"new","attributes":{"length":null,"word":"w"},"hidden":false}"#
            let answer = try await client.send(.patch, "/v1/items/1", body, contentType: contentType)
            #expect(answer.status == 200)
            #expect(
                answer.text == """
                    {"item_id":"1","title":"new","creator_id":"c","categories":["x","y"],\
                    "attributes":{"flag":true,"word":"w"},"created_at":"2026-01-02T03:04:05Z","hidden":false}
                    """)
            #expect(try await client.send(.get, "/v1/items/1").text == answer.text)
            #expect(try await client.send(.patch, "/v1/items/1", "{}").text == answer.text)
        }
    }

    @Test func nullClearsAMember() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            _ = try await client.send(.put, "/v1/items/1", Self.item)
            let answer = try await client.send(
                .patch, "/v1/items/1",
                #"{"title":null,"creator_id":null,"categories":null,"attributes":null,"created_at":null,"hidden":null}"#
            )
            let bare = try await client.send(.put, "/v1/items/1", "{}")
            #expect(answer.status == 200)
            #expect(answer.text == bare.text)
            _ = try await client.send(.put, "/v1/users/u", #"{"attributes":{"a":1,"b":2},"created_at":"2026-01-02"}"#)
            let user = try await client.send(.patch, "/v1/users/u", #"{"attributes":{"a":null},"created_at":null}"#)
            #expect(user.text == #"{"user_id":"u","attributes":{"b":2},"created_at":null}"#)
        }
    }

    @Test func vectorsAreSetAndTakenAway() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            _ = try await client.send(.put, "/v1/items/1", Self.item)
            let set = #"{"vectors":{"image":[4,5,6]}}"#
            #expect(try await client.send(.patch, "/v1/items/1", set).status == 200)
            #expect(await server.catalog.vectors == [["1", "image"]: [4, 5, 6]])
            #expect(try await client.send(.patch, "/v1/items/1", #"{"title":"x"}"#).status == 200)
            #expect(await server.catalog.vectors.count == 1)
            for clear in [#"{"vectors":{"image":null}}"#, #"{"vectors":null}"#] {
                _ = try await client.send(.patch, "/v1/items/1", set)
                #expect(try await client.send(.patch, "/v1/items/1", clear).status == 200)
                #expect(await server.catalog.vectors.isEmpty)
            }
        }
    }

    /// What an import wrote may be more than the API takes; it is no reason to refuse another member.
    @Test func whatIsThereIsNotJudgedAnew() async throws {
        let server = TestServer()
        let odd = Item(
            id: ItemID("1"), title: String(repeating: "x", count: 5000), categories: ["", "a"],
            attributes: ["": .number(1)])
        _ = try await server.catalog.put(odd)
        try await server.run { client async throws in
            #expect(try await client.send(.patch, "/v1/items/1", #"{"hidden":true}"#).status == 200)
        }
        var expected = odd
        expected.hidden = true
        #expect(await server.catalog.itemsByID[odd.id] == expected)
    }

    @Test(arguments: [
        ("/v1/items/1", #"{"name":"x"}"#, "/name unknown_member"),
        ("/v1/items/1", #"{"name":null}"#, "/name unknown_member"),
        ("/v1/items/1", #"{"item_id":"2"}"#, "/item_id invalid"), ("/v1/items/1", #"{"title":1}"#, "/title wrong_type"),
        ("/v1/items/1", #"{"categories":{"0":"x"}}"#, "/categories wrong_type"),
        ("/v1/items/1", #"{"attributes":{"a":{"b":1}}}"#, "/attributes/a wrong_type"),
        ("/v1/items/1", #"{"attributes":[]}"#, "/attributes wrong_type"), ("/v1/items/1", "[]", " wrong_type"),
        ("/v1/items/1", "null", " wrong_type"), ("/v1/items/1", "{", " malformed_json"),
        ("/v1/items/1", #"{"vectors":{"image":[1]}}"#, "/vectors/image out_of_range"),
        ("/v1/items/1", #"{"vectors":{"text":null}}"#, "/vectors/text wrong_type"),
        ("/v1/items/1", #"{"vectors":7}"#, "/vectors wrong_type"),
        ("/v1/items/1?x=1", "{}", "/query/x unknown_parameter"),
        ("/v1/items/a%00", "{}", "/path/item_id invalid_identifier"),
        ("/v1/users/u", #"{"title":"x"}"#, "/title unknown_member"),
        ("/v1/users/u", #"{"user_id":"v"}"#, "/user_id invalid"),
        ("/v1/users/u", #"{"created_at":"today"}"#, "/created_at invalid"),
        ("/v1/users/%FF", "{}", "/path/user_id invalid_identifier"),
    ])
    func refusesWithPointer(path: String, body: String, error: String) async throws {
        let server = TestServer()
        try await server.run { client async throws in
            _ = try await client.send(.put, "/v1/items/1", Self.item)
            _ = try await client.send(.put, "/v1/users/u", "{}")
            let before = await server.catalog.itemsByID
            let answer = try await client.send(.patch, path, body)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
            #expect(await server.catalog.itemsByID == before)
        }
    }

    @Test func attributesStayWithinTheirNumber() async throws {
        try await TestServer().run { client async throws in
            func attributes(_ range: Range<Int>) -> String {
                "{\"attributes\":{" + range.map { "\"a\($0)\":1" }.joined(separator: ",") + "}}"
            }
            #expect(try await client.send(.put, "/v1/users/u", attributes(0..<256)).status == 201)
            #expect(try await client.send(.patch, "/v1/users/u", attributes(0..<9)).status == 200)
            let answer = try await client.send(.patch, "/v1/users/u", attributes(300..<301))
            #expect(answer.errors == ["/attributes out_of_range"])
        }
    }

    @Test func unknownOnesAreMissing() async throws {
        try await TestServer().run { client async throws in
            for path in ["/v1/items/none", "/v1/users/none"] {
                for (method, body) in [(.patch, "{}"), (.delete, nil)] as [(Method, String?)] {
                    let answer = try await client.send(method, path, body)
                    #expect(answer.status == 404)
                    #expect(answer.json["code"] == "not_found")
                }
            }
            let wrong = try await client.send(.patch, "/v1/items/1", "{}", contentType: "text/plain")
            #expect(wrong.status == 415)
            #expect(wrong.text.contains("application/merge-patch+json"))
        }
    }

    @Test func deletesAnItem() async throws {
        try await TestServer().run { client async throws in
            _ = try await client.send(.put, "/v1/items/a%2Fb", "{}")
            let answer = try await client.send(.delete, "/v1/items/a%2Fb")
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            #expect(try await client.send(.get, "/v1/items/a%2Fb").status == 404)
            #expect(try await client.send(.delete, "/v1/items/a%2Fb").status == 404)
        }
    }

    @Test func deletingAUserTellsWhatWentAndWhatRemains() async throws {
        let server = TestServer()
        await server.eraser.know(
            "a/b", UserErasure(deletedRows: ["users": 1, "events": 7], releaseID: "rel_1", remains: [.interactions]))
        await server.eraser.know("v", UserErasure(deletedRows: ["users": 1], releaseID: nil, remains: []))
        try await server.run { client async throws in
            let answer = try await client.send(.delete, "/v1/users/a%2Fb")
            #expect(answer.status == 200)
            #expect(
                answer.text == """
                    {"user_id":"a/b","deleted_rows":{"events":7,"users":1},"release_id":"rel_1",\
                    "in_active_release":true,"remains":["interactions"]}
                    """)
            #expect(try await client.send(.delete, "/v1/users/a%2Fb").status == 404)
            let other = try await client.send(.delete, "/v1/users/v")
            #expect(other.json["in_active_release"] == false)
            #expect(other.json["release_id"] == .null)
        }
    }

    @Test func databaseGoneIsUnavailable() async throws {
        let server = TestServer()
        await server.catalog.fail(with: StoreGone())
        await server.eraser.fail(with: StoreGone())
        await server.feedback.fail(with: StoreGone())
        try await server.run { client async throws in
            for (method, path, body) in [
                (.patch, "/v1/items/1", "{}"), (.delete, "/v1/items/1", nil), (.get, "/v1/items", nil),
                (.post, "/v1/items", #"{"items":[{"item_id":"1"}]}"#), (.patch, "/v1/users/1", "{}"),
                (.delete, "/v1/users/1", nil), (.get, "/v1/users", nil), (.get, "/v1/users/1/events", nil),
                (.post, "/v1/users", #"{"users":[{"user_id":"1"}]}"#),
            ] as [(Method, String, String?)] {
                let answer = try await client.send(method, path, body)
                #expect(answer.status == 503, "\(method) \(path)")
            }
        }
    }
}
