import CascadeCore
import CascadeObservability
import HTTPTypes
import Testing

@testable import CascadeServer

@Suite struct FeedbackRouteTests {
    private static let events = "/v1/events"
    private static let impressions = "/v1/impressions"

    @Test func storesEvents() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = """
                {"events":[{"event_id":"e1","type":"long_view","user_id":"u/1","item_id":"ü","value":2.5,
                "occurred_at":"1970-01-01T00:10:00Z","impression_id":"imp","recommendation_id":"rec","session_id":"s",
                "position":3,"surface":"home"}]}
                """
            let answer = try await client.send(.post, Self.events, body)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}"#)
        }
        let expected = Event(
            id: "e1", type: "long_view", userID: UserID("u/1"), itemID: ItemID("ü"),
            occurredAt: Timestamp(milliseconds: 600_000), value: 2.5, impressionID: "imp", recommendationID: "rec",
            sessionID: "s", position: 3, surface: "home")
        #expect(await server.feedback.events == ["e1": expected])
    }

    @Test func makesWhatIsAbsent() async throws {
        let server = TestServer()
        try await server.run { client in
            let row = #"{"type":"click","user_id":"u","item_id":"i"}"#
            let answer = try await client.send(.post, Self.events, #"{"events":[\#(row),\#(row)]}"#)
            #expect(answer.json["accepted"] == 2)
        }
        let events = await server.feedback.events.values
        #expect(events.allSatisfy { $0.id.hasPrefix("evt_") && $0.occurredAt == server.now })
    }

    @Test func eventIDDeduplicates() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = #"{"events":[{"event_id":"e1","type":"click","user_id":"u","item_id":"i"}]}"#
            _ = try await client.send(.post, Self.events, body)
            let again = try await client.send(.post, Self.events, body)
            #expect(again.text == #"{"accepted":0,"duplicates":1,"rejected":0,"errors":[]}"#)
        }
        #expect(await server.feedback.events.count == 1)
    }

    @Test func refusesRowsOneByOne() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = """
                {"events":[
                 {"event_id":"good","type":"click","user_id":"u","item_id":"i"},
                 {"type":"click","user_id":"u"},
                 7,
                 {"type":"bad type","user_id":"","item_id":"i","value":"1","occurred_at":"yesterday","extra":1},
                 {"type":"click","user_id":"u","item_id":"i","occurred_at":"2999-01-01T00:00:00Z","position":-1}]}
                """
            let answer = try await client.send(.post, Self.events, body)
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] == 1)
            #expect(answer.json["rejected"] == 4)
            #expect(
                Set(answer.errors) == [
                    "/events/1/item_id missing", "/events/2 wrong_type", "/events/2/type missing",
                    "/events/2/user_id missing", "/events/2/item_id missing", "/events/3/type invalid",
                    "/events/3/user_id invalid_identifier", "/events/3/value wrong_type",
                    "/events/3/occurred_at invalid", "/events/3/extra unknown_member",
                    "/events/4/occurred_at out_of_range", "/events/4/position out_of_range",
                ])
            #expect(answer.json["errors"]?[0]?["index"] == 1)
        }
        #expect(await Array(server.feedback.events.keys) == ["good"])
        let text = server.registry.text()
        #expect(text.contains(#"cascade_events_ingested_total{type="click",result="valid"} 1"#))
        #expect(text.contains(#"cascade_events_ingested_total{type="any",result="rejected"} 4"#))
    }

    @Test func refusesUnknownTypesWhereTypesAreListed() async throws {
        var server = TestServer()
        server.settings.eventTypes = ["click", "like"]
        try await server.run { client in
            let body = """
                {"events":[{"type":"click","user_id":"u","item_id":"i"},{"type":"clik","user_id":"u","item_id":"i"}]}
                """
            let answer = try await client.send(.post, Self.events, body)
            #expect(answer.json["accepted"] == 1)
            #expect(answer.errors == ["/events/1/type unknown_type"])
            #expect(answer.text.contains("click, like"))
        }
        #expect(await server.feedback.events.values.map(\.type) == ["click"])
    }

    @Test func limitsTheBatch() async throws {
        try await TestServer().run { client in
            func body(_ count: Int) -> String {
                let row = #"{"type":"click","user_id":"u","item_id":"i"}"#
                return #"{"events":["# + Array(repeating: row, count: count).joined(separator: ",") + "]}"
            }
            #expect(try await client.send(.post, Self.events, body(500)).json["accepted"] == 500)
            for count in [0, 501] {
                let answer = try await client.send(.post, Self.events, body(count))
                #expect(answer.status == 400)
                #expect(answer.errors == ["/events out_of_range"])
            }
        }
    }

    @Test(arguments: [("/v1/events", "events"), ("/v1/impressions", "impressions")])
    func refusesTheWholeBody(path: String, member: String) async throws {
        try await TestServer().run { client in
            #expect(try await client.send(.post, path, "{}").errors == ["/\(member) missing"])
            #expect(try await client.send(.post, path, #"{"\#(member)":{}}"#).errors == ["/\(member) wrong_type"])
            let other = try await client.send(.post, path, #"{"\#(member)":[{}],"dry_run":true}"#)
            #expect(other.status == 400)
            #expect(other.errors == ["/dry_run unknown_member"])
            let query = try await client.send(.post, path + "?atomic=true", #"{"\#(member)":[{}]}"#)
            #expect(query.errors == ["/query/atomic unknown_parameter"])
        }
    }

    @Test func storesShownLists() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = """
                {"impressions":[{"impression_id":"m1","recommendation_id":"rec","user_id":"u",
                "shown_at":"1970-01-01T00:10:00Z",
                "items":[{"item_id":"a"},{"item_id":"b","position":7,"propensity":0.5}]}]}
                """
            let answer = try await client.send(.post, Self.impressions, body)
            #expect(answer.text == #"{"accepted":2,"duplicates":0,"rejected":0,"errors":[]}"#)
            let again = try await client.send(.post, Self.impressions, body)
            #expect(again.json["duplicates"] == 2)
        }
        let stored = await server.feedback.impressions.values.sorted { $0.itemID < $1.itemID }
        func impression(_ item: String, _ position: Int, _ propensity: Double?) -> Impression {
            Impression(
                id: "m1", userID: UserID("u"), itemID: ItemID(item), shownAt: Timestamp(milliseconds: 600_000),
                position: position, propensity: propensity, recommendationID: "rec")
        }
        #expect(stored == [impression("a", 0, nil), impression("b", 7, 0.5)])
    }

    @Test func refusesListsWhole() async throws {
        let server = TestServer()
        try await server.run { client in
            let body = """
                {"impressions":[
                 {"user_id":"u","items":[{"item_id":"a"},{"item":"b"},{"item_id":"c","propensity":0}]},
                 {"user_id":"u","items":[]},
                 {"items":[{"item_id":"x"}],"shown":1},
                 {"user_id":"u","items":[{"item_id":"z"}]}]}
                """
            let answer = try await client.send(.post, Self.impressions, body)
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] == 1)
            #expect(answer.json["rejected"] == 5)
            #expect(
                Set(answer.errors) == [
                    "/impressions/0/items/1/item_id missing", "/impressions/0/items/1/item unknown_member",
                    "/impressions/0/items/2/propensity out_of_range", "/impressions/1/items out_of_range",
                    "/impressions/2/user_id missing", "/impressions/2/shown unknown_member",
                ])
        }
        let stored = await server.feedback.impressions.values
        #expect(stored.map(\.itemID.rawValue) == ["z"])
        #expect(stored.allSatisfy { $0.id.hasPrefix("imp_") && $0.shownAt == server.now })
    }

    @Test func goneDatabaseIsUnavailable() async throws {
        let server = TestServer()
        await server.feedback.fail(with: StoreGone())
        try await server.run { client in
            let body = #"{"events":[{"type":"click","user_id":"u","item_id":"i"}]}"#
            let answer = try await client.send(.post, Self.events, body)
            #expect(answer.status == 503)
            #expect(answer.json["code"] == "unavailable")
            #expect(answer.header("Retry-After") == "5")
        }
    }
}
