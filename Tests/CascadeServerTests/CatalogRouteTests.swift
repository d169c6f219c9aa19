import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct CatalogRouteTests {
    private static let item = """
        {"item_id":"a/b ü","title":"T","creator_id":"c","categories":["x","y"],"attributes":{"flag":true,"length":3,\
        "tags":["p","q"],"word":""},"created_at":"2026-01-02T03:04:05Z","hidden":true}
        """

    @Test func putsAndGetsAnItem() async throws {
        let server = TestServer()
        try await server.run { client in
            let path = "/v1/items/a%2Fb%20%C3%BC"
            let missing = try await client.send(.get, path)
            #expect(missing.status == 404)
            #expect(missing.json["code"] == "not_found")
            let made = try await client.send(.put, path, Self.item)
            #expect(made.status == 201)
            #expect(made.header("Location") == path)
            #expect(made.text == Self.item)
            let again = try await client.send(.put, path, Self.item)
            #expect(again.status == 200)
            #expect(again.header("Location") == nil)
            let got = try await client.send(.get, path)
            #expect(got.status == 200)
            #expect(got.text == Self.item)
        }
        let expected = Item(
            id: ItemID("a/b ü"), title: "T", creatorID: "c", categories: ["x", "y"],
            attributes: ["flag": .flag(true), "length": .number(3), "tags": .list(["p", "q"]), "word": .text("")],
            createdAt: Timestamp(rfc3339: "2026-01-02T03:04:05Z"), hidden: true)
        #expect(await server.catalog.itemsByID == [expected.id: expected])
    }

    @Test func putsAnItemWithItsVectors() async throws {
        let server = TestServer()
        try await server.run { client in
            let made = try await client.send(.put, "/v1/items/1", #"{"vectors":{"image":[1,-2.5,3e-3]}}"#)
            #expect(made.status == 201)
            #expect(made.json["vectors"] == nil)
            // What the body says nothing of stays.
            #expect(try await client.send(.put, "/v1/items/1", #"{"vectors":null}"#).status == 200)
        }
        #expect(await server.catalog.vectors == [["1", "image"]: [1, -2.5, 3e-3]])
    }

    @Test func putsAndGetsAUser() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = #"{"attributes":{"country":"de","age":30.5,"gone":null},"created_at":"2026-01-02"}"#
            #expect(try await client.send(.put, "/v1/users/%F0%9F%98%80", body).status == 201)
            let got = try await client.send(.get, "/v1/users/%F0%9F%98%80")
            #expect(
                got.text
                    == #"{"user_id":"😀","attributes":{"age":30.5,"country":"de"},"created_at":"2026-01-02T00:00:00Z"}"#)
            #expect(try await client.send(.put, "/v1/users/%F0%9F%98%80", got.text).status == 200)
            #expect(try await client.send(.get, "/v1/users/other").status == 404)
        }
        #expect(await server.catalog.usersByID.keys.map(\.rawValue) == ["😀"])
    }

    @Test func anEmptyBodyObjectIsAnItem() async throws {
        try await TestServer().run { client in
            let made = try await client.send(.put, "/v1/items/1", "{}")
            #expect(made.status == 201)
            #expect(
                made.text == """
                    {"item_id":"1","title":null,"creator_id":null,"categories":[],"attributes":{},"created_at":null,\
                    "hidden":false}
                    """)
        }
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "/name unknown_member"), (#"{"item_id":"2"}"#, "/item_id invalid"),
        (#"{"title":1}"#, "/title wrong_type"), (#"{"title":""}"#, "/title invalid"),
        (#"{"creator_id":""}"#, "/creator_id invalid_identifier"),
        (#"{"categories":"x"}"#, "/categories wrong_type"), (#"{"categories":["x",2]}"#, "/categories/1 wrong_type"),
        (#"{"attributes":[]}"#, "/attributes wrong_type"), (#"{"attributes":{"a":{}}}"#, "/attributes/a wrong_type"),
        (#"{"attributes":{"":1}}"#, "/attributes/ invalid"),
        (#"{"attributes":{"a":["x",1]}}"#, "/attributes/a/1 wrong_type"),
        (#"{"created_at":"today"}"#, "/created_at invalid"), (#"{"created_at":5}"#, "/created_at wrong_type"),
        (#"{"hidden":"no"}"#, "/hidden wrong_type"), (#"{"vectors":[1]}"#, "/vectors wrong_type"),
        (#"{"vectors":{"image":1}}"#, "/vectors/image wrong_type"),
        (#"{"vectors":{"image":null}}"#, "/vectors/image wrong_type"),
        (#"{"vectors":{"image":[]}}"#, "/vectors/image out_of_range"),
        (#"{"vectors":{"image":[1,"2",3]}}"#, "/vectors/image/1 wrong_type"),
        (#"{"vectors":{"image":[1,2,1e39]}}"#, "/vectors/image/2 out_of_range"),
        (#"{"vectors":{"image":[1,2]}}"#, "/vectors/image out_of_range"),
        (#"{"vectors":{"text":[1,2,3]}}"#, "/vectors/text invalid"),
    ])
    func refusesItemsWithPointer(body: String, error: String) async throws {
        let server = TestServer()
        try await server.run { client in
            let answer = try await client.send(.put, "/v1/items/1", body)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
        #expect(await server.catalog.itemsByID.isEmpty)
    }

    @Test func refusesWhatIsTooMuch() async throws {
        try await TestServer().run { client async throws in
            let list = Array(repeating: "\"x\"", count: 1001).joined(separator: ",")
            let cases = [
                (#"{"title":"\#(String(repeating: "x", count: 4097))"}"#, "/title too_long"),
                (#"{"attributes":{"a":"\#(String(repeating: "x", count: 65_537))"}}"#, "/attributes/a too_long"),
                (#"{"attributes":{"a":[\#(list)]}}"#, "/attributes/a out_of_range"),
                (#"{"categories":[\#(list)]}"#, "/categories out_of_range"),
                (
                    "{\"attributes\":{" + (0..<257).map { "\"a\($0)\":1" }.joined(separator: ",") + "}}",
                    "/attributes out_of_range"
                ),
            ]
            for (body, error) in cases {
                #expect(try await client.send(.put, "/v1/items/1", body).errors == [error])
            }
        }
    }

    @Test(arguments: ["/v1/items", "/v1/users"])
    func refusesOddIdentifiers(collection: String) async throws {
        try await TestServer().run { client in
            let long = String(repeating: "x", count: 257)
            for segment in [long, "a%00b", "%FF", "%C3"] {
                for (method, body) in [(.get, nil), (.put, "{}")] as [(Method, String?)] {
                    let answer = try await client.send(method, "\(collection)/\(segment)", body)
                    #expect(answer.status == 400)
                    #expect(answer.errors.count == 1)
                    #expect(answer.errors.first?.hasPrefix("/path/") == true)
                }
            }
            let longest = String(repeating: "x", count: 256)
            #expect(try await client.send(.put, "\(collection)/\(longest)", "{}").status == 201)
        }
    }

    /// Any text is an identifier, on every path that has one; "." and ".." lead nowhere else.
    @Test(arguments: [
        ("a/b", "a%2Fb"), ("/", "%2F"), ("a b", "a%20b"), ("😀", "%F0%9F%98%80"), ("%2F", "%252F"), (".", "."),
        ("..", ".."), ("..", "%2E%2E"), ("../items", "..%2Fitems"), ("similar", "similar"), ("a?b#c", "a%3Fb%23c"),
        ("+", "+"), ("{item_id}", "%7Bitem_id%7D"), ("\"\\", "%22%5C"), ("\n", "%0A"),
    ])
    func identifiersMayBeAnyText(id: String, segment: String) async throws {
        let server = TestServer()
        await server.eraser.know(id, UserErasure(deletedRows: [:], releaseID: nil, remains: []))
        try await server.run { client async throws in
            #expect(try await client.send(.put, "/v1/items/\(segment)", "{}").status == 201)
            #expect(try await client.send(.put, "/v1/users/\(segment)", "{}").status == 201)
            for (method, path, status, body) in [
                (.get, "/v1/items/\(segment)", 200, nil), (.get, "/v1/users/\(segment)", 200, nil),
                (.patch, "/v1/items/\(segment)", 200, #"{"hidden":true}"#), (.patch, "/v1/users/\(segment)", 200, "{}"),
                (.put, "/v1/users/\(segment)/hidden/\(segment)", 201, nil),
                (.get, "/v1/users/\(segment)/hidden", 200, nil), (.get, "/v1/users/\(segment)/events", 200, nil),
                (.delete, "/v1/users/\(segment)/hidden/\(segment)", 204, nil),
                (.delete, "/v1/items/\(segment)", 204, nil), (.delete, "/v1/users/\(segment)", 200, nil),
            ] as [(Method, String, Int, String?)] {
                let answer = try await client.send(method, path, body)
                #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                if status == 201 { #expect(answer.json["item_id"] == .string(id)) }
            }
            let posted = try await client.send(.post, "/v1/items", "{\"items\":[{\"item_id\":\(Self.json(id))}]}")
            #expect(posted.json["accepted"] == 1)
            #expect(try await client.send(.get, "/v1/items").json["data"]?[0]?["item_id"] == .string(id))
        }
    }

    private static func json(_ text: String) -> String {
        String(decoding: JSONWriter.bytes(of: .string(text)), as: UTF8.self)
    }

    @Test func databaseGoneIsUnavailableAndRecovers() async throws {
        let server = TestServer()
        try await server.run { client in
            await server.catalog.fail(with: StoreGone())
            for (method, path, body) in [
                (.put, "/v1/items/1", "{}"), (.get, "/v1/items/1", nil), (.put, "/v1/users/1", "{}"),
                (.get, "/v1/users/1", nil),
            ] as [(Method, String, String?)] {
                let answer = try await client.send(method, path, body)
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") == "5")
            }
            await server.catalog.fail(with: nil)
            #expect(try await client.send(.put, "/v1/items/1", "{}").status == 201)
        }
    }
}
