import CascadeCore
import CascadePipeline
import CascadeServer
import CascadeStorage
import CascadeTestSupport
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import cascade

/// The routes of catalog and users over a real Postgres, before anything is trained.
@Suite struct CatalogPathTests {
    /// Two servers over one database.
    private func withServers(
        _ body: @escaping @Sendable (any TestClientProtocol, any TestClientProtocol, Session) async throws -> Void
    ) async throws {
        try await TestDatabase.with(migrations: TestDatabase.repositoryMigrations, connections: 12) { database in
            try await withTemporaryDirectory { directory in
                var configuration = CascadeConfiguration()
                configuration.pipeline.timeoutMilliseconds = 60_000
                configuration.pipeline.hydrateTimeoutMilliseconds = 20_000
                configuration.server.requestTimeoutMilliseconds = 60_000
                let session = Session(
                    configuration: configuration, storage: Storage(pool: database.pool), dataDirectory: directory,
                    cluster: nil)
                let one = try await PipelineService(session, logger: World.quiet)
                let two = try await PipelineService(session, logger: World.quiet)
                defer {
                    one.compute.shutdown()
                    two.compute.shutdown()
                }
                let first = try ServerComposition.application(session, one, configuration, World.quiet)
                let second = try ServerComposition.application(session, two, configuration, World.quiet)
                try await first.test(.router) { client in
                    try await second.test(.router) { other in try await body(client, other, session) }
                }
            }
        }
    }

    private static let odd = [
        ("a/b", "a%2Fb"), ("/", "%2F"), ("a b", "a%20b"), ("😀", "%F0%9F%98%80"), ("%2F", "%252F"), (".", "."),
        ("..", "%2E%2E"), ("it's", "it's"), ("\u{e9}", "%C3%A9"), ("e\u{301}", "e%CC%81"),
        (String(repeating: "é", count: 128), String(repeating: "%C3%A9", count: 128)),
    ]

    @Test func oddIdentifiersLiveTheirWholeLife() async throws {
        try await withServers { client, _, session async throws in
            for (id, segment) in Self.odd {
                let event = #"{"events":[{"type":"click","user_id":\#(Self.json(id)),"item_id":\#(Self.json(id))}]}"#
                #expect(try await client.send(.put, "/v1/items/\(segment)", #"{"title":"t"}"#).status == 201)
                #expect(try await client.send(.put, "/v1/users/\(segment)", "{}").status == 201)
                #expect(try await client.send(.post, "/v1/events", event).body["accepted"] as? Int == 1)
                let changed = try await client.send(.patch, "/v1/items/\(segment)", #"{"hidden":true}"#)
                #expect(changed.body["hidden"] as? Bool == true && changed.body["title"] as? String == "t")
                #expect(
                    try await client.send(.patch, "/v1/users/\(segment)", #"{"attributes":{"n":1}}"#).status == 200)
                #expect(try await client.send(.put, "/v1/users/\(segment)/hidden/\(segment)").status == 201)
                let events = try await client.send(.get, "/v1/users/\(segment)/events?type=click")
                #expect(Self.values("item_id", events) == [id])
                #expect(try await Self.values("item_id", client.send(.get, "/v1/users/\(segment)/hidden")) == [id])
            }
            let sorted = Self.odd.map { ItemID($0.0) }.sorted().map(\.rawValue)
            for (path, member) in [("/v1/items", "item_id"), ("/v1/users", "user_id")] {
                var listed: [String] = []
                var query = "\(path)?limit=4"
                while true {
                    let page = try await client.send(.get, query)
                    listed += Self.values(member, page)
                    guard let cursor = page.body["next_cursor"] as? String else { break }
                    query = "\(path)?limit=4&cursor=\(cursor)"
                }
                #expect(listed.map { Array($0.utf8) } == sorted.map { Array($0.utf8) })
            }
            for (id, segment) in Self.odd {
                try await client.execute(uri: "/v1/items/\(segment)", method: .delete) {
                    #expect($0.status == .noContent)
                }
                let erased = try await client.send(.delete, "/v1/users/\(segment)")
                #expect(erased.member("deleted_rows", "events") as? Int == 1)
                #expect(erased.member("deleted_rows", "user_hidden_items") as? Int == 1)
                #expect(try await client.send(.get, "/v1/users/\(segment)").status == 404)
                #expect(try await client.send(.delete, "/v1/users/\(segment)").status == 404)
                #expect(try await session.storage.catalog.withdrawn(among: [ItemID(id)]).deleted == [ItemID(id)])
            }
        }
    }

    @Test func batchesArriveByEitherForm() async throws {
        try await withServers { client, other, session async throws in
            let first = try await client.send(
                .post, "/v1/items", #"{"items":[{"item_id":"a","title":"x"},{"title":"no id"},{"item_id":"b"}]}"#)
            #expect(first.body["accepted"] as? Int == 2 && first.body["rejected"] as? Int == 1)
            let lines = "{\"item_id\":\"a\",\"title\":\"y\"}\n{\"item_id\":\"b\"}\nnonsense\n"
            func send(_ uri: String) async throws -> Answer {
                try await other.execute(
                    uri: uri, method: .post, headers: [.contentType: "application/x-ndjson"],
                    body: ByteBuffer(string: lines)
                ) { try Answer($0) }
            }
            let refused = try await send("/v1/items?atomic=true")
            #expect(refused.body["accepted"] as? Int == 0 && refused.body["rejected"] as? Int == 3)
            #expect(try await session.storage.catalog.item(ItemID("a"))?.title == "x")
            let second = try await send("/v1/items")
            #expect(second.body["accepted"] as? Int == 1 && second.body["duplicates"] as? Int == 1)
            #expect((second.body["errors"] as? [[String: Any]])?.first?["line"] as? Int == 3)
            #expect(try await session.storage.catalog.item(ItemID("a"))?.title == "y")
        }
    }

    /// A wish counts on the other server too, with the next request.
    @Test func whatAUserHidesIsGoneWithTheNextRequestOfAnyServer() async throws {
        try await withServers { client, other, _ async throws in
            _ = try await client.send(.post, "/v1/items", #"{"items":[{"item_id":"a"},{"item_id":"b/c"}]}"#)
            let request = #"{"user_id":"u","limit":5}"#
            #expect(try await Set(other.recommend(request).itemIDs) == ["a", "b/c"])
            #expect(try await client.send(.put, "/v1/users/u/hidden/b%2Fc").status == 201)
            for server in [client, other] {
                #expect(try await server.recommend(request).itemIDs == ["a"])
                #expect(try await Set(server.recommend(#"{"user_id":"v","limit":5}"#).itemIDs) == ["a", "b/c"])
            }
            try await other.execute(uri: "/v1/users/u/hidden/b%2Fc", method: .delete) {
                #expect($0.status == .noContent)
            }
            #expect(try await Set(client.recommend(request).itemIDs) == ["a", "b/c"])
        }
    }

    @Test func whatPostgresCannotHoldIsAnError() async throws {
        try await withServers { client, _, session async throws in
            _ = try await client.send(.put, "/v1/items/i", "{}")
            let vector = try await client.send(.patch, "/v1/items/i", #"{"vectors":{"image":[1]}}"#)
            #expect(vector.status == 400)
            let cursor = try await client.send(.get, "/v1/items?cursor=AAAA")
            #expect(cursor.status == 400)
            #expect((cursor.body["errors"] as? [[String: Any]])?.first?["pointer"] as? String == "/query/cursor")
            #expect(try await session.storage.catalog.items().count == 1)
        }
    }

    private static func json(_ text: String) -> String {
        (try? String(decoding: JSONEncoder().encode(text), as: UTF8.self)) ?? ""
    }

    private static func values(_ member: String, _ answer: Answer) -> [String] {
        (answer.body["data"] as? [[String: Any]] ?? []).compactMap { $0[member] as? String }
    }
}
