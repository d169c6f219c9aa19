import CascadeCore
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CascadeServer

@Suite struct CatalogListRouteTests {
    /// The identifiers of all pages, following the cursors.
    private static func walk(
        _ client: any TestClientProtocol, _ path: String, _ member: String, limit: Int
    ) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        var query = path + (path.contains("?") ? "&" : "?") + "limit=\(limit)"
        while true {
            let page = try await client.send(.get, query)
            #expect(page.status == 200)
            guard case .array(let rows)? = page.json["data"] else { return found }
            #expect(rows.count <= limit)
            found += rows.compactMap { $0[member] }
            guard case .string(let cursor)? = page.json["next_cursor"] else { return found }
            #expect(rows.count == limit)
            #expect(
                cursor.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "=") }
            )
            query = path + (path.contains("?") ? "&" : "?") + "limit=\(limit)&cursor=\(cursor)"
        }
    }

    @Test(arguments: [1, 3, 7, 500]) func listsInPages(limit: Int) async throws {
        let server = TestServer()
        let ids = ["a", "a/b", "b c", "é", "e\u{301}", "😀", "%2F"]
        for (number, id) in ids.enumerated() {
            _ = try await server.catalog.put(
                Item(id: ItemID(id), categories: number % 2 == 0 ? ["even"] : [], hidden: number == 2))
            _ = try await server.catalog.put(User(id: UserID(id)))
            _ = try await server.feedback.append([
                Event(
                    id: "\(number)", type: number % 2 == 0 ? "click" : "like", userID: UserID("a/b"),
                    itemID: ItemID("i"),
                    occurredAt: Timestamp(milliseconds: Int64(number / 3)))
            ])
            _ = try await server.hidden.put(
                HiddenItem(userID: UserID("u"), itemID: ItemID(id), since: Timestamp(milliseconds: 0)))
        }
        let sorted = ids.map { ItemID($0) }.sorted().map { JSONValue.string($0.rawValue) }
        // By their bytes: two spellings of one letter are two identifiers.
        let even = [ids[0], ids[2], ids[4], ids[6]].map { ItemID($0) }.sorted().map { JSONValue.string($0.rawValue) }
        try await server.run { client async throws in
            #expect(try await Self.walk(client, "/v1/items", "item_id", limit: limit) == sorted)
            #expect(try await Self.walk(client, "/v1/users", "user_id", limit: limit) == sorted)
            #expect(try await Self.walk(client, "/v1/items?category=even", "item_id", limit: limit) == even)
            #expect(
                try await Self.walk(client, "/v1/items?category=even&hidden=false", "item_id", limit: limit)
                    == even.filter { $0 != "b c" })
            #expect(try await Self.walk(client, "/v1/items?hidden=true", "item_id", limit: limit) == ["b c"])
            #expect(try await Self.walk(client, "/v1/users/u/hidden", "item_id", limit: limit) == sorted)
            let events = try await Self.walk(client, "/v1/users/a%2Fb/events", "event_id", limit: limit)
            #expect(events.count == 7 && events.first == "6")
            let likes = try await Self.walk(client, "/v1/users/a%2Fb/events?type=like", "event_id", limit: limit)
            #expect(Set(likes) == ["1", "3", "5"])
        }
    }

    @Test func showsWholeRows() async throws {
        let server = TestServer()
        let event = Event(
            id: "e", type: "click", userID: UserID("u"), itemID: ItemID("i"), occurredAt: Timestamp(milliseconds: 1000),
            value: 2.5, impressionID: "m", recommendationID: "r", sessionID: "s", position: 3, surface: "home")
        _ = try await server.feedback.append([event])
        try await server.run { client async throws in
            _ = try await client.send(.put, "/v1/items/i", #"{"title":"T"}"#)
            let item = try await client.send(.get, "/v1/items/i")
            #expect(try await client.send(.get, "/v1/items").text == "{\"data\":[\(item.text)],\"next_cursor\":null}")
            #expect(
                try await client.send(.get, "/v1/users/u/events").text == """
                    {"data":[{"event_id":"e","type":"click","user_id":"u","item_id":"i",\
                    "occurred_at":"1970-01-01T00:00:01Z","value":2.5,"impression_id":"m","recommendation_id":"r",\
                    "session_id":"s","position":3,"surface":"home"}],"next_cursor":null}
                    """)
            #expect(try await client.send(.get, "/v1/users/nobody/events").json["data"] == [])
        }
    }

    @Test func thePageHasFiftyRowsUnlessToldOtherwise() async throws {
        let server = TestServer()
        for number in 0..<60 { _ = try await server.catalog.put(Item(id: ItemID("\(number)"))) }
        try await server.run { client async throws in
            guard case .array(let rows)? = try await client.send(.get, "/v1/items").json["data"] else {
                return #expect(Bool(false))
            }
            #expect(rows.count == 50)
        }
    }

    @Test func aCursorIsGoodForItsOwnListOnly() async throws {
        let server = TestServer()
        for id in ["first", "second", "third"] {
            _ = try await server.catalog.put(Item(id: ItemID(id), categories: ["x"]))
            _ = try await server.catalog.put(User(id: UserID(id)))
            _ = try await server.hidden.put(
                HiddenItem(userID: UserID("a"), itemID: ItemID(id), since: Timestamp(milliseconds: 0)))
        }
        try await server.run { client async throws in
            guard case .string(let cursor)? = try await client.send(.get, "/v1/items?limit=1").json["next_cursor"]
            else {
                return #expect(Bool(false))
            }
            #expect(try await client.send(.get, "/v1/items?cursor=\(cursor)").status == 200)
            #expect(!cursor.contains("first"), "opaque")
            let altered = String(cursor.reversed())
            for path in [
                "/v1/users?cursor=\(cursor)", "/v1/items?category=x&cursor=\(cursor)",
                "/v1/items?hidden=false&cursor=\(cursor)", "/v1/users/a/hidden?cursor=\(cursor)",
                "/v1/users/a/events?cursor=\(cursor)", "/v1/users/a/follows?cursor=\(cursor)",
                "/v1/items?cursor=\(altered)", "/v1/items?cursor=\(cursor.dropLast())", "/v1/items?cursor=",
                "/v1/items?cursor=\(cursor)AAAA", "/v1/items?cursor=b", "/v1/items?cursor=%F0%9F%98%80",
            ] {
                let answer = try await client.send(.get, path)
                #expect(answer.status == 400, "\(path)")
                #expect(answer.errors == ["/query/cursor invalid"], "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("/v1/items?limit=0", "/query/limit out_of_range"), ("/v1/items?limit=501", "/query/limit out_of_range"),
        ("/v1/items?limit=x", "/query/limit wrong_type"), ("/v1/items?hidden=1", "/query/hidden wrong_type"),
        ("/v1/items?category=", "/query/category invalid"), ("/v1/items?offset=1", "/query/offset unknown_parameter"),
        ("/v1/users?limit=501", "/query/limit out_of_range"),
        ("/v1/users?hidden=true", "/query/hidden unknown_parameter"),
        ("/v1/users/u/events?limit=0", "/query/limit out_of_range"),
        ("/v1/users/u/events?type=", "/query/type invalid"), ("/v1/users/u/events?type=a-b", "/query/type invalid"),
        ("/v1/users/%FF/events", "/path/user_id invalid_identifier"),
        ("/v1/users/u/hidden?limit=501", "/query/limit out_of_range"),
        ("/v1/users/u/hidden?type=x", "/query/type unknown_parameter"),
        ("/v1/users/a%00/hidden", "/path/user_id invalid_identifier"),
    ])
    func refusesWhatIsWrong(path: String, error: String) async throws {
        try await TestServer().run { client async throws in
            let answer = try await client.send(.get, path)
            #expect(answer.status == 400)
            #expect(answer.errors == [error])
        }
    }

    @Test func aTypeThatIsNotListedIsUnknown() async throws {
        var server = TestServer()
        server.settings.eventTypes = ["click"]
        try await server.run { client async throws in
            #expect(try await client.send(.get, "/v1/users/u/events?type=click").status == 200)
            let answer = try await client.send(.get, "/v1/users/u/events?type=clik")
            #expect(answer.errors == ["/query/type unknown_type"])
        }
    }

    @Test func cursorsKeepWhatTheyAreGiven() {
        for place in [["a"], [""], ["", ""], ["a/b", "ü"], [String(repeating: "é", count: 128)], ["1", "\u{1F600}"]] {
            let text = ListCursor.text(place, in: ["list", "x"])
            #expect(ListCursor.place(text, in: ["list", "x"]) == place)
            // The same texts, otherwise divided, are another list.
            for other in [["listx"], ["list", "x", ""], ["list"], ["lis", "tx"]] {
                #expect(ListCursor.place(text, in: other) == nil)
            }
        }
    }
}
