import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct UserEraserTests {
    private static let victim = UserID("u1")

    /// Writes something of a user into every table.
    private func write(_ storage: Storage, _ user: String) async throws {
        let id = UserID(user)
        _ = try await storage.catalog.put(User(id: id, attributes: ["age": .number(3)]))
        _ = try await storage.feedback.append([
            makeEvent("e1 \(user)", "click", user, "i", 1), makeEvent("e2 \(user)", "like", user, "i", 2),
        ])
        _ = try await storage.feedback.append([
            makeImpression("m1 \(user)", user, "i", 1), makeImpression("m2 \(user)", user, "i", 2),
            makeImpression("m3 \(user)", user, "i", 3),
        ])
        _ = try await storage.relations.put(UserRelation(userID: id, kind: .follow, target: "c"))
        _ = try await storage.hiddenItems.put(HiddenItem(userID: id, itemID: ItemID("i"), since: at(1)))
        _ = try await storage.traces.put([
            RecommendationTrace(
                recommendationID: "r \(user)", userID: id, releaseID: nil, createdAt: at(1), json: "{}")
        ])
        try await storage.pages.put([
            SlatePage(recommendationID: "r \(user)", userID: id, createdAt: at(1), requestJSON: "{}", shown: [])
        ])
    }

    /// Rows by table that name a user, of every table that has such a column.
    private func rows(_ storage: Storage, _ user: String) async throws -> [String: Int] {
        let tables: [String] = try await storage.pool.query(
            """
            SELECT c.relname AS name FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
            WHERE a.attname = 'user_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND c.relnamespace = 'public'::regnamespace
            """
        ).column("name")
        var counts: [String: Int] = [:]
        for table in tables {
            let count: Int = try await storage.pool.query(
                "SELECT count(*) FROM \(identifier: table) WHERE user_id = \(user)"
            ).single().decode(0)
            if count > 0 { counts[table] = count }
        }
        return counts
    }

    @Test(arguments: ["u1", "a/b ü", "it's", "%2F"]) func nothingOfTheUserIsLeft(user: String) async throws {
        try await withStorage { storage async throws in
            try await write(storage, user)
            try await write(storage, "u2")
            let before = try await rows(storage, user)
            #expect(before.count == 7, "a new table that names users has to be erased too: \(before)")
            let erased = try #require(try await storage.eraser.erase(UserID(user)))
            #expect(erased.deletedRows == before)
            #expect(erased.releaseID == nil && erased.remains.isEmpty)
            #expect(try await rows(storage, user).isEmpty)
            #expect(try await rows(storage, "u2") == before)
            #expect(try await storage.eraser.erase(UserID(user)) == nil)
        }
    }

    @Test func whoIsKnownByTheLogAloneIsErasedToo() async throws {
        try await withStorage { storage async throws in
            #expect(try await storage.eraser.erase(Self.victim) == nil)
            #expect(try await storage.eraser.latestErasure() == nil, "nobody was erased")
            _ = try await storage.feedback.append([makeEvent("e", "click", "u1", "i", 1)])
            let erased = try #require(try await storage.eraser.erase(Self.victim))
            #expect(erased.deletedRows["events"] == 1 && erased.deletedRows["users"] == 0)
            let latest = try #require(try await storage.eraser.latestErasure())
            #expect(abs(latest.microseconds - Timestamp.now.microseconds) < 60_000_000)
        }
    }

    /// Counters by item lose what the user did, those by user lose the user's identifier too, and nobody else's change.
    @Test func countersAgreeWithALogThatNeverHadTheUser() async throws {
        let windows = WindowedCounters(
            counters: [
                WindowedCounter(by: [.item], over: [.seconds(1500), .all]), WindowedCounter(by: [.user], over: [.all]),
                WindowedCounter(by: [.user, .creator], over: [.seconds(900), .all]),
                WindowedCounter(by: [.categories, .user], over: [.all]),
            ], heads: ["like", "click"])
        // Users whose keys end or begin like those of the victim.
        let others = ["u2", "u11", "x2:u1", "1:x2:u1", "-2:u1"]
        try await withStorage { storage async throws in
            var world = NaiveCounters.random(windows, seed: 11)
            for (number, other) in others.enumerated() {
                for item in world.items.keys.sorted() {
                    world.impressions.append(
                        Impression(
                            id: "o\(number)", userID: UserID(other), itemID: item, shownAt: at(Double(number) * 2000)))
                }
            }
            try await CounterStoreTests.putItems(storage, world)
            try await CounterStoreTests.activate(storage, "r1", windows)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            // Half of it lies in buckets.
            try await storage.counters.fold(at: at(4500))
            let users = CounterStoreTests.users + others.map { UserID($0) }
            try await CounterStoreTests.check(storage, world, at: at(9001), "before", users: users)
            #expect(try await tokens(storage).contains("u1"))
            _ = try #require(try await storage.eraser.erase(Self.victim))
            world.impressions.removeAll { $0.userID == Self.victim }
            world.events.removeAll { $0.userID == Self.victim }
            try await CounterStoreTests.check(storage, world, at: at(9001), "after", users: users)
            #expect(try await tokens(storage).isSuperset(of: others))
            #expect(try await !tokens(storage).contains("u1"))
            try await storage.counters.fold(at: at(9001))
            try await CounterStoreTests.check(storage, world, at: at(9001), "folded", users: users)
            #expect(try await !tokens(storage).contains("u1"))
            try await storage.counters.rebuild(at: at(9001))
            try await CounterStoreTests.check(storage, world, at: at(9001), "rebuilt", users: users)
        }
    }

    /// Every token of every counted key, read by its length.
    private func tokens(_ storage: Storage) async throws -> Set<String> {
        let keys: [String] = try await storage.pool.query(
            "SELECT key FROM counter_recent UNION SELECT key FROM counter_buckets"
        ).column("key")
        var tokens: Set<String> = []
        for key in keys {
            var rest = Array(key.utf8)[...]
            while let first = rest.first {
                if first == UInt8(ascii: "-") {
                    rest = rest.dropFirst()
                    continue
                }
                let digits = rest.prefix { $0 != UInt8(ascii: ":") }
                let length = try #require(Int(String(decoding: digits, as: UTF8.self)))
                rest = rest.dropFirst(digits.count + 1)
                tokens.insert(String(decoding: rest.prefix(length), as: UTF8.self))
                rest = rest.dropFirst(length)
            }
        }
        return tokens
    }

    /// Rows that are written while users are erased stay whole, with their counts.
    @Test func erasingBesideWritersAndFoldsKeepsCountsRight() async throws {
        let windows = WindowedCounters(
            counters: [WindowedCounter(by: [.item], over: [.all]), WindowedCounter(by: [.user], over: [.all])],
            heads: ["click"])
        try await withStorage(connections: 12) { storage async throws in
            try await storage.signals.register(["click"])
            try await CounterStoreTests.activate(storage, "r1", windows)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<25 {
                            let impressions = (0..<4).map {
                                makeImpression("\(writer) \(number)", "u\($0)", "i\(number % 3)", Double(number))
                            }
                            let single = impressions.enumerated().map { place, row in
                                var row = row
                                row.id += " \(place)"
                                return row
                            }
                            _ = try await storage.feedback.append(single)
                        }
                    }
                }
                group.addTask {
                    for second in 0..<20 { try await storage.counters.fold(at: at(Double(second))) }
                }
                group.addTask {
                    for number in 0..<30 { _ = try await storage.eraser.erase(UserID("u\(number % 4)")) }
                }
                try await group.waitForAll()
            }
            var world = NaiveCounters(windows: windows)
            let left = try await storage.pool.query("SELECT impression_id, user_id, item_id, shown_at FROM impressions")
            for row in left {
                let time: PostgresTimestamp = try row.decode("shown_at")
                world.impressions.append(
                    Impression(
                        id: try row.decode("impression_id"), userID: UserID(try row.decode("user_id")),
                        itemID: ItemID(try row.decode("item_id")),
                        shownAt: Timestamp(microseconds: time.microseconds)))
            }
            for number in 0..<3 { world.items[ItemID("i\(number)")] = Item(id: ItemID("i\(number)")) }
            try await CounterStoreTests.check(storage, world, at: at(100), "in the end")
        }
    }
}
