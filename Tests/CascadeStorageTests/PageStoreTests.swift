import CascadeCore
import CascadeStorage
import Testing

@Suite struct PageStoreTests {
    private func page(_ id: String, _ seconds: Double, user: String? = "u/1", shown: [String] = ["i 1", "é", "{,\""])
        -> SlatePage
    {
        SlatePage(
            recommendationID: id, userID: user.map { UserID($0) }, createdAt: at(seconds),
            requestJSON: #"{"limit": 3}"#, shown: shown.map { ItemID($0) })
    }

    @Test func pagesComeBackUntilTheyArePruned() async throws {
        try await withStorage { storage async throws in
            try await storage.pages.put([page("b", 20), page("a", 10), page("c", 30, user: nil, shown: [])])
            #expect(try await storage.pages.page("a") == page("a", 10))
            #expect(try await storage.pages.page("c") == page("c", 30, user: nil, shown: []))
            #expect(try await storage.pages.page("d") == nil)
            // Written again, it stays as it was.
            try await storage.pages.put([page("a", 50)])
            #expect(try await storage.pages.page("a") == page("a", 10))
            #expect(try await storage.pages.prune(before: at(20)) == 1)
            #expect(try await storage.pages.page("a") == nil)
            #expect(try await storage.pages.page("b") != nil)
        }
    }

    @Test func aUserTakesPagesAlong() async throws {
        try await withStorage { storage async throws in
            try await storage.pages.put([page("a", 10), page("b", 10, user: "other")])
            #expect(try await storage.eraser.erase(UserID("u/1"))?.deletedRows["slate_pages"] == 1)
            #expect(try await storage.pages.page("a") == nil)
            #expect(try await storage.pages.page("b") != nil)
        }
    }
}
