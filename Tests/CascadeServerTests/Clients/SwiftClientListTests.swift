import CascadeClient
import CascadeCore
import CascadePipeline
import Foundation
import Testing

@testable import CascadeServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Lists that are walked, and identifiers that come back as they were sent.
@Suite(.serialized) struct SwiftClientListTests {
    static let identifiers = [
        "a/b", "a b", "100%", "%2F", "%", "😀", "é", "e\u{301}", "?x=1&y#z", ".", "..", "../../v1/users", "a+b", "a\\b",
        ",",
        ";", "\"", "'", "\u{7f}", "\n", "日本語", "{}", "[x]", "@:", "👩‍👩‍👧", String(repeating: "ü", count: 128),
    ]

    @Test(arguments: identifiers)
    func identifiersComeBackAsTheyWereSent(id: String) async throws {
        let server = TestServer()
        try await server.runWithClient { client, _ in
            #expect(Array(try await client.putItem(id, .init(title: id)).itemID.utf8) == Array(id.utf8))
            #expect(Array(try await client.getItem(id).title?.utf8 ?? "".utf8) == Array(id.utf8))
            #expect(try await client.putFollow(id, id) == client.putFollow(id, id))
            #expect(try await client.listFollows(id).data.map { Array($0.creatorID.utf8) } == [Array(id.utf8)])
            _ = try await client.similarItems(id, categories: [id, "b"], excludeItemIDs: [id])
            _ = try await client.postEvents([.init(type: "click", userID: id, itemID: id)])
            #expect(try await client.listEvents(id).data.map { Array($0.itemID.utf8) } == [Array(id.utf8)])
            try await client.deleteItem(id)
        }
        #expect(await server.catalog.items().isEmpty)
        let asked = server.similar.requests
        #expect(asked.map { Array($0.itemID.rawValue.utf8) } == [Array(id.utf8)])
        #expect(asked.map { $0.excluded.map { Array($0.rawValue.utf8) } } == [[Array(id.utf8)]])
    }

    @Test func aListIsWalkedToItsEnd() async throws {
        try await TestServer().runWithClient { client, transport in
            let items = (0..<5).map { number in
                CascadeClient.WrittenItem(itemID: "i\(number)", .init(categories: number == 3 ? [] : ["news"]))
            }
            #expect(try await client.postItems(items).accepted == 5)
            var read: [String] = []
            let all = CascadeClient.Elements { try await client.listItems(category: "news", limit: 2, cursor: $0) }
            for try await item in all { read.append(item.itemID) }
            #expect(read == ["i0", "i1", "i2", "i4"])
            #expect(transport.requests.count == 3)
            // Only as many pages as are needed.
            let first = try await all.first { _ in true }
            #expect(first?.itemID == "i0" && transport.requests.count == 4)
        }
    }

    @Test func anEmptyPageMayHaveOneBehindIt() async throws {
        let transport = RecordingTransport { _, number in
            let pages = [
                #"{"data":[],"next_cursor":"a"}"#,
                #"{"data":[{"creator_id":"c","followed_at":null}],"next_cursor":"b"}"#,
                #"{"data":[],"next_cursor":null}"#,
            ]
            return CascadeClient.Reply(status: 200, body: Data(pages[number].utf8))
        }
        let client = try transport.client()
        var read: [String] = []
        for try await row in CascadeClient.Elements({ try await client.listFollows("u", cursor: $0) }) {
            read.append(row.creatorID)
        }
        #expect(read == ["c"])
        #expect(transport.requests.map { $0.parameters["cursor"] } == [nil, "a", "b"])
    }

    @Test func aWalkEndsWithTheFailureOfAPage() async throws {
        let transport = RecordingTransport { _, number in
            if number == 0 {
                return CascadeClient.Reply(status: 200, body: Data(#"{"data":[],"next_cursor":"a"}"#.utf8))
            }
            return CascadeClient.Reply(status: 500)
        }
        let client = try transport.client()
        await #expect(throws: CascadeClientError.self) {
            for try await _ in CascadeClient.Elements({ try await client.listUsers(cursor: $0) }) {}
        }
        #expect(transport.requests.count == 2)
    }

    /// An address may have a path of its own, with or without a slash at its end.
    @Test(arguments: ["http://host/cascade", "http://host/cascade/"])
    func aServerMayStandBehindAPath(address: String) async throws {
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: 204) }
        let client = CascadeClient(
            url: try #require(URL(string: address)), transport: transport, pause: { _ in })
        try await client.deleteItem("a/b")
        #expect(transport.requests.map { $0.url?.absoluteString } == ["http://host/cascade/v1/items/a%2Fb"])
    }
}
