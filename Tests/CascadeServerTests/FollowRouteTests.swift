import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct FollowRouteTests {
    private static let path = "/v1/users/a%2Fb/follows/c%2F%C3%BC"

    @Test func putsListsAndDeletes() async throws {
        try await TestServer().run { client async throws in
            let made = try await client.send(.put, Self.path)
            #expect(made.status == 201)
            #expect(made.text == #"{"user_id":"a/b","creator_id":"c/ü"}"#)
            #expect(try await client.send(.put, Self.path).status == 200)
            let list = try await client.send(.get, "/v1/users/a%2Fb/follows")
            #expect(
                list.text
                    == #"{"data":[{"creator_id":"c/ü","followed_at":"1970-01-01T00:17:40Z"}],"next_cursor":null}"#)
            let gone = try await client.send(.delete, Self.path)
            #expect(gone.status == 204)
            #expect(gone.text.isEmpty)
            #expect(try await client.send(.delete, Self.path).status == 204)
            #expect(try await client.send(.get, "/v1/users/a%2Fb/follows").json["data"] == .array([]))
        }
    }

    @Test func listsInPages() async throws {
        try await TestServer().run { client async throws in
            for creator in ["b", "d", "a", "c", "e"] {
                #expect(try await client.send(.put, "/v1/users/u/follows/\(creator)").status == 201)
            }
            var creators: [JSONValue] = []
            var query = "limit=2"
            for _ in 0..<3 {
                let page = try await client.send(.get, "/v1/users/u/follows?\(query)").json
                for entry in 0..<2 { page["data"]?[entry]?["creator_id"].map { creators.append($0) } }
                guard case .string(let cursor)? = page["next_cursor"] else { break }
                query = "limit=2&cursor=\(cursor)"
            }
            #expect(creators == ["a", "b", "c", "d", "e"])
            #expect(try await client.send(.get, "/v1/users/nobody/follows").json["data"] == .array([]))
        }
    }

    @Test(arguments: [
        (Method.get, "/v1/users/u/follows?limit=0", "/query/limit out_of_range"),
        (.get, "/v1/users/u/follows?limit=1001", "/query/limit out_of_range"),
        (.get, "/v1/users/u/follows?cursor=", "/query/cursor invalid"),
        (.get, "/v1/users/u/follows?page=2", "/query/page unknown_parameter"),
        (.put, "/v1/users/u/follows/a%00", "/path/creator_id invalid_identifier"),
        (.put, "/v1/users/%FF/follows/a", "/path/user_id invalid_identifier"),
        (.put, "/v1/users/u/follows/a?x=1", "/query/x unknown_parameter"),
        (.delete, "/v1/users/u/follows/a%00", "/path/creator_id invalid_identifier"),
        (.delete, "/v1/users/u/follows/a?x=1", "/query/x unknown_parameter"),
    ])
    func refusesWhatIsWrong(method: Method, path: String, error: String) async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(method, path)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
    }

    @Test func theCollectionTakesNoOtherMethods() async throws {
        try await TestServer().run { client async throws in
            #expect(try await client.send(.put, "/v1/users/u/follows", "{}").status == 405)
            let answer = try await client.send(.get, "/v1/users/u/follows/c")
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "PUT, DELETE")
        }
    }

    @Test func databaseGoneIsUnavailable() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            await server.relations.fail(with: StoreGone())
            for (method, path) in [
                (.put, Self.path), (.delete, Self.path), (.get, "/v1/users/u/follows"),
            ] as [(Method, String)] {
                #expect(try await client.send(method, path).status == 503)
            }
        }
    }
}
