import CascadeCore
import CascadeStorage
import Testing

@Suite struct CatalogPageTests {
    private static let sorted = awkwardIdentifiers.map { ItemID($0) }.sorted()

    @Test(arguments: [1, 4, 100]) func pagesGiveEveryItemOnceInOrder(limit: Int) async throws {
        try await withStorage { storage async throws in
            _ = try await storage.catalog.put(Self.sorted.reversed().map { Item(id: $0) }, vectors: [])
            var seen: [ItemID] = []
            while true {
                let page = try await storage.catalog.items(ItemFilter(), after: seen.last, limit: limit)
                #expect(page.count <= limit)
                if page.isEmpty { break }
                seen += page.map(\.id)
            }
            #expect(seen == Self.sorted)
        }
    }

    @Test func usersComeInPagesToo() async throws {
        try await withStorage { storage async throws in
            let sorted = Self.sorted.map { UserID($0.rawValue) }
            _ = try await storage.catalog.put(sorted.map { User(id: $0, attributes: ["n": .number(1)]) })
            let first = try await storage.catalog.users(after: nil, limit: 5)
            #expect(first.map(\.id) == Array(sorted.prefix(5)))
            #expect(first.first?.attributes == ["n": .number(1)])
            let rest = try await storage.catalog.users(after: first.last?.id, limit: 100)
            #expect(rest.map(\.id) == Array(sorted.dropFirst(5)))
        }
    }

    @Test func filtersLeaveOutTheOthers() async throws {
        try await withStorage { storage async throws in
            let items = (0..<12).map { number in
                Item(
                    id: ItemID("i\(number / 10)\(number % 10)"),
                    categories: number % 2 == 0 ? ["even", "it's"] : number % 3 == 0 ? ["odd"] : [],
                    hidden: number % 4 == 0)
            }
            _ = try await storage.catalog.put(items, vectors: [])
            func ids(_ filter: ItemFilter, after: String? = nil) async throws -> [Int] {
                try await storage.catalog.items(filter, after: after.map { ItemID($0) }, limit: 100)
                    .compactMap { Int($0.id.rawValue.dropFirst()) }
            }
            #expect(try await ids(ItemFilter(category: "even")) == [0, 2, 4, 6, 8, 10])
            #expect(try await ids(ItemFilter(category: "it's", hidden: false)) == [2, 6, 10])
            #expect(try await ids(ItemFilter(hidden: true), after: "i00") == [4, 8])
            #expect(try await ids(ItemFilter(hidden: false)) == [1, 2, 3, 5, 6, 7, 9, 10, 11])
            #expect(try await ids(ItemFilter(category: "eve")).isEmpty)
        }
    }

    @Test func aUsersEventsComeNewestFirst() async throws {
        try await withStorage { storage async throws in
            var whole = makeEvent("whole", "like", "u", "a/b", 50, impression: "m", recommendation: "r")
            whole.value = 2.5
            whole.sessionID = "s"
            whole.position = 3
            whole.surface = "home"
            // Several at one moment, and another user's.
            var events = [whole, makeEvent("other", "click", "v", "i", 5)]
            for number in 0..<9 {
                let type = number % 2 == 0 ? "click" : "like"
                events.append(makeEvent("e\(number)", type, "u", "i", Double(number / 3) * 10))
            }
            _ = try await storage.feedback.append(events)
            let user = UserID("u")
            func page(_ type: String? = nil, after: Event? = nil, _ limit: Int = 100) async throws -> [Event] {
                try await storage.feedback.events(
                    of: user, type: type, after: after.map { EventPlace(occurredAt: $0.occurredAt, id: $0.id) },
                    limit: limit)
            }
            let all = try await page()
            #expect(all.map(\.id) == ["whole", "e8", "e7", "e6", "e5", "e4", "e3", "e2", "e1", "e0"])
            #expect(all.first == whole)
            var walked: [Event] = []
            while let next = try await Optional(page(after: walked.last, 2)), !next.isEmpty { walked += next }
            #expect(walked == all)
            #expect(try await page("like").map(\.id) == ["whole", "e7", "e5", "e3", "e1"])
            #expect(try await page("like", after: all[2], 2).map(\.id) == ["e5", "e3"])
            #expect(try await page("unheard_of").isEmpty)
            #expect(try await storage.feedback.events(of: UserID("no"), type: nil, after: nil, limit: 9).isEmpty)
        }
    }
}
