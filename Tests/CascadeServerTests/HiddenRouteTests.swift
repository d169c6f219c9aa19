import CascadeCore
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct HiddenRouteTests {
    private static let path = "/v1/users/a%2Fb/hidden/i%2F%C3%BC"

    @Test func putsListsAndDeletes() async throws {
        try await TestServer().run { client async throws in
            let made = try await client.send(.put, Self.path)
            #expect(made.status == 201)
            #expect(made.text == #"{"user_id":"a/b","item_id":"i/ü"}"#)
            #expect(try await client.send(.put, Self.path).status == 200)
            let list = try await client.send(.get, "/v1/users/a%2Fb/hidden")
            #expect(
                list.text == #"{"data":[{"item_id":"i/ü","hidden_at":"1970-01-01T00:17:40Z"}],"next_cursor":null}"#)
            let gone = try await client.send(.delete, Self.path)
            #expect(gone.status == 204)
            #expect(gone.text.isEmpty)
            #expect(try await client.send(.delete, Self.path).status == 204)
            #expect(try await client.send(.get, "/v1/users/a%2Fb/hidden").json["data"] == [])
        }
    }

    @Test(arguments: [
        (Method.put, "/v1/users/u/hidden/a%00", "/path/item_id invalid_identifier"),
        (.put, "/v1/users/%FF/hidden/a", "/path/user_id invalid_identifier"),
        (.put, "/v1/users/u/hidden/a?x=1", "/query/x unknown_parameter"),
        (.delete, "/v1/users/u/hidden/a%00", "/path/item_id invalid_identifier"),
        (.delete, "/v1/users/u/hidden/a?x=1", "/query/x unknown_parameter"),
    ])
    func refusesWhatIsWrong(method: Method, path: String, error: String) async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(method, path)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
    }

    @Test func takesNoOtherMethodsAndNoDatabaseIsUnavailable() async throws {
        let server = TestServer()
        try await server.run { client async throws in
            #expect(try await client.send(.post, "/v1/users/u/hidden", "{}").status == 405)
            #expect(try await client.send(.get, Self.path).header("Allow") == "PUT, DELETE")
            await server.hidden.fail(with: StoreGone())
            for (method, path) in [(.put, Self.path), (.delete, Self.path), (.get, "/v1/users/u/hidden")]
                as [(Method, String)]
            {
                #expect(try await client.send(method, path).status == 503)
            }
        }
    }
}
