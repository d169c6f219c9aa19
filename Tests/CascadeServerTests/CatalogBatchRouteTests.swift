import CascadeCore
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CascadeServer

@Suite struct CatalogBatchRouteTests {
    private static let lines = "application/x-ndjson"

    @Test func writesItemsWhole() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let body = """
                {"items":[{"item_id":"a/b","title":"T","categories":["x"],"vectors":{"image":[1,2,3]}},
                          {"item_id":"😀","hidden":true,"attributes":{"n":1}}]}
                """
            let answer = try await client.send(.post, "/v1/items", body)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"accepted":2,"duplicates":0,"rejected":0,"errors":[]}"#)
            let again = try await client.send(.post, "/v1/items", body)
            #expect(again.text == #"{"accepted":0,"duplicates":2,"rejected":0,"errors":[]}"#)
            #expect(try await client.send(.get, "/v1/items/a%2Fb").json["title"] == "T")
            #expect(await server.catalog.vectors == [["a/b", "image"]: [1, 2, 3]])
        }
    }

    @Test func writesUsersWhole() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let body = #"{"users":[{"user_id":"a/b","attributes":{"n":1}},{"user_id":"v","created_at":"2026-01-02"}]}"#
            #expect(try await client.send(.post, "/v1/users", body).json["accepted"] == 2)
            #expect(try await client.send(.get, "/v1/users/v").json["created_at"] == "2026-01-02T00:00:00Z")
        }
    }

    private static let mixed = [
        #"{"item_id":"good"}"#, #"{"title":"x"}"#, "7", #"{"item_id":"","title":1,"extra":null}"#,
        #"{"item_id":"b","vectors":{"image":[1]}}"#, #"{"item_id":"fine"}"#,
    ]

    private static let mixedProblems = [
        (1, "/item_id missing"), (2, " wrong_type"), (2, "/item_id missing"), (3, "/item_id invalid_identifier"),
        (3, "/title wrong_type"), (3, "/extra unknown_member"), (4, "/vectors/image out_of_range"),
    ]

    @Test func refusesRowsOneByOne() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            let answer = try await client.send(
                .post, "/v1/items", "{\"items\":[\(Self.mixed.joined(separator: ","))]}")
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] == 2)
            #expect(answer.json["rejected"] == 4)
            #expect(answer.errors == Self.mixedProblems.map { "/items/\($0.0)\($0.1)" })
            #expect(answer.json["errors"]?[0]?["index"] == 1)
            #expect(answer.json["errors"]?[0]?["line"] == nil)
        }
        #expect(await server.catalog.items().map(\.id.rawValue) == ["fine", "good"])
    }

    @Test func linesAreRowsAndErrorsNameThem() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            // Blank lines are none, but count; lines may end in CR, and the last one in nothing.
            let body = "\r\n" + Self.mixed.joined(separator: "\r\n  \n") + "\n{\"item_id\":\n{\"item_id\":\"last\"}"
            let answer = try await client.send(.post, "/v1/items", body, contentType: Self.lines)
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] == 3)
            #expect(answer.json["rejected"] == 5)
            #expect(answer.errors == Self.mixedProblems.map(\.1) + [" malformed_json"])
            #expect(answer.json["errors"]?[0]?["index"] == 1)
            #expect(answer.json["errors"]?[0]?["line"] == 4)
            #expect(answer.json["errors"]?[7]?["index"] == 6)
            #expect(answer.json["errors"]?[7]?["line"] == 13)
            guard case .string(let detail)? = answer.json["errors"]?[7]?["detail"] else {
                return #expect(Bool(false), "\(answer.text)")
            }
            #expect(detail.hasPrefix("line 13, column 12"))
        }
        #expect(await server.catalog.items().map(\.id.rawValue) == ["fine", "good", "last"])
    }

    @Test(arguments: ["application/json", "application/x-ndjson"])
    func anAtomicBatchIsTakenWholeOrNotAtAll(contentType: String) async throws {
        let server = TestServer()
        try await server.run { client async throws in
            func body(_ rows: [String]) -> String {
                contentType == Self.lines
                    ? rows.joined(separator: "\n") : "{\"items\":[\(rows.joined(separator: ","))]}"
            }
            let refused = try await client.send(
                .post, "/v1/items?atomic=true", body(Self.mixed), contentType: contentType)
            #expect(refused.status == 200)
            #expect(refused.json["accepted"] == 0)
            #expect(refused.json["rejected"] == 6)
            #expect(refused.errors.count == Self.mixedProblems.count)
            #expect(await server.catalog.itemsByID.isEmpty)
            let taken = try await client.send(
                .post, "/v1/items?atomic=true", body([Self.mixed[0]]), contentType: contentType)
            #expect(taken.json["accepted"] == 1)
            let mixed = try await client.send(
                .post, "/v1/items?atomic=false", body(Self.mixed), contentType: contentType)
            #expect(mixed.json["rejected"] == 4)
        }
    }

    @Test(arguments: [("/v1/items", "item"), ("/v1/users", "user")])
    func limitsTheBatch(path: String, name: String) async throws {
        var server = TestServer()
        server.settings.maxBodyBytes = 1 << 20
        try await server.run { client async throws in
            func rows(_ count: Int) -> [String] { (0..<count).map { "{\"\(name)_id\":\"\($0)\"}" } }
            let full = "{\"\(name)s\":[\(rows(1000).joined(separator: ","))]}"
            #expect(try await client.send(.post, path, full).json["accepted"] == 1000)
            for count in [0, 1001] {
                let list = "{\"\(name)s\":[\(rows(count).joined(separator: ","))]}"
                #expect(try await client.send(.post, path, list).errors == ["/\(name)s out_of_range"])
                let lines = rows(count).joined(separator: "\n")
                let answer = try await client.send(.post, path, lines, contentType: Self.lines)
                #expect(answer.status == 400)
                #expect(answer.errors == [" out_of_range"])
            }
        }
    }

    @Test(arguments: [
        ("/v1/items", "{}", "/items missing"), ("/v1/users", "{}", "/users missing"),
        ("/v1/items", #"{"items":{}}"#, "/items wrong_type"), ("/v1/items", "{", " malformed_json"),
        ("/v1/items", #"{"items":[{"item_id":"1"}],"x":1}"#, "/x unknown_member"),
        ("/v1/items?atomic=yes", #"{"items":[{"item_id":"1"}]}"#, "/query/atomic wrong_type"),
        ("/v1/items?x=1", #"{"items":[{"item_id":"1"}]}"#, "/query/x unknown_parameter"),
        (
            "/v1/events?atomic=true", #"{"events":[{"type":"a","user_id":"u","item_id":"i"}]}"#,
            "/query/atomic unknown_parameter"
        ),
    ])
    func refusesTheWholeBody(path: String, body: String, error: String) async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(.post, path, body)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
    }

    @Test func takesNoOtherMediaTypes() async throws {
        try await TestServer().run { client async throws in
            for (path, type) in [("/v1/items", "text/csv"), ("/v1/events", Self.lines), ("/v1/items/1", Self.lines)] {
                let method: Method = path == "/v1/items/1" ? .put : .post
                #expect(try await client.send(method, path, "{}", contentType: type).status == 415, "\(path)")
            }
        }
    }
}
