import CascadeCore
import CascadePostgres
import CascadeStorage
import Testing

@Suite struct CounterStoreTests {
    static let windows = WindowedCounters(
        counters: [
            WindowedCounter(by: [.item], over: [.seconds(60), .seconds(1500), .seconds(3600), .all]),
            WindowedCounter(by: [.user], over: [.seconds(1500)]),
            WindowedCounter(by: [.user, .creator], over: [.seconds(900), .seconds(1200), .all]),
            WindowedCounter(by: [.categories, .attribute("size")], over: [.all]),
            WindowedCounter(by: [.attribute("tags")], over: [.seconds(7200)]),
        ], heads: ["like", "click"])

    static let users = (0..<4).map { UserID("u\($0)") } + [UserID("nobody")]

    /// Registers and activates a release that counts `windows`.
    static func activate(_ storage: Storage, _ id: String, _ windows: WindowedCounters?) async throws {
        var release = ReleaseStoreTests.release(id)
        release.windows = windows
        try await storage.releases.register(
            release, models: [ReleaseStoreTests.model("two-tower", .retrieval), ReleaseStoreTests.model("dcn")])
        try await storage.releases.activate(id)
    }

    static func putItems(_ storage: Storage, _ world: NaiveCounters) async throws {
        try await storage.signals.register(["click", "like", "hide"])
        for item in world.items.values { _ = try await storage.catalog.put(item) }
    }

    /// Compares every key with the recount.
    static func check(
        _ storage: Storage, _ world: NaiveCounters, at moment: Timestamp, _ comment: Comment, users: [UserID] = users,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let keys = world.keys(users: users)
        let counts = try await storage.counters.counts(keys, of: world.windows, at: moment)
        for (key, counted) in zip(keys, counts) {
            #expect(counted == world.counts(key, at: moment), "\(comment), \(key)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func whatArrivesIsCountedInAnyOrder(_ seed: UInt64) async throws {
        try await withStorage { storage async throws in
            let world = NaiveCounters.random(Self.windows, seed: seed)
            try await Self.putItems(storage, world)
            try await Self.activate(storage, "r1", Self.windows)
            var random = SeededRandom(seed: seed)
            var arrived = NaiveCounters(windows: Self.windows)
            arrived.items = world.items
            var impressions = world.impressions
            var events = world.events
            var folded = 0.0
            while !impressions.isEmpty || !events.isEmpty {
                // A part of either, by the API or as an import, some of it twice.
                let shown = Array(impressions.prefix(random.below(40)))
                let given = Array(events.prefix(random.below(60)))
                impressions.removeFirst(shown.count)
                events.removeFirst(given.count)
                if random.below(2) == 0 {
                    _ = try await storage.feedback.append(given + given.prefix(3))
                    _ = try await storage.feedback.append(shown + arrived.impressions.prefix(5))
                } else {
                    var batch = ImportBatch()
                    batch.impressions = shown + arrived.impressions.prefix(5)
                    batch.events = given + given.prefix(3)
                    _ = try await storage.importSink.write(batch)
                }
                arrived.impressions += shown
                arrived.events += given
                folded += Double(random.below(600))
                if random.below(2) == 0 { try await storage.counters.fold(at: at(folded)) }
                try await Self.check(storage, arrived, at: at(folded + 50.5), "seed \(seed), folded \(folded)")
            }
            // Behind everything, folded whole, and counted anew from the log.
            try await Self.check(storage, world, at: at(20_000), "seed \(seed), all")
            try await storage.counters.fold(at: at(20_000))
            try await Self.check(storage, world, at: at(20_000), "seed \(seed), folded")
            #expect(try await storage.counters.rebuild(at: at(10)) == 5)
            for moment in stride(from: 5, to: 9500, by: 1333.25) {
                try await Self.check(storage, world, at: at(moment), "seed \(seed), rebuilt, \(moment)")
            }
            try await storage.counters.rebuild(at: at(4000))
            try await Self.check(storage, world, at: at(4000), "seed \(seed), rebuilt in the middle")
            try await Self.check(storage, world, at: at(9000), "seed \(seed), rebuilt in the middle, later")
        }
    }

    @Test func theLogOfAnEarlierTimeIsCountedWhenAReleaseIsActivated() async throws {
        try await withStorage { storage async throws in
            let all = WindowedCounters(
                counters: [WindowedCounter(by: [.user, .creator], over: [.all])], heads: ["click"])
            let world = NaiveCounters.random(all, seed: 4)
            try await Self.putItems(storage, world)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            try await Self.activate(storage, "r1", all)
            try await Self.check(storage, world, at: .now, "after activation")
            #expect(try await storage.releases.release("r1")?.windows == all)
        }
    }

    @Test func whatReleasesReadIsCountedAndNothingElse() async throws {
        try await withStorage { storage async throws in
            let narrow = WindowedCounters(counters: [Self.windows.counters[0]], heads: ["like", "click"])
            let other = WindowedCounters(counters: [Self.windows.counters[0]], heads: ["click"])
            let world = NaiveCounters.random(narrow, seed: 5)
            try await Self.putItems(storage, world)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            let key = [CounterKey(counter: 0, key: "2:i2")]
            func isCounted(_ windows: WindowedCounters) async -> Bool {
                await storageError { _ = try await storage.counters.counts(key, of: windows, at: at(0)) } != .notCounted
            }
            #expect(try await storage.counters.status().counters == 0)
            try await Self.activate(storage, "r1", nil)
            #expect(await !isCounted(narrow))
            try await Self.activate(storage, "r2", narrow)
            #expect(await isCounted(narrow))
            // The one before stays, for servers that have not swapped yet; a third takes its place.
            try await Self.activate(storage, "r3", other)
            #expect(await isCounted(narrow))
            #expect(await isCounted(other))
            try await Self.activate(storage, "r4", nil)
            #expect(await !isCounted(narrow))
            #expect(await isCounted(other))
            try await Self.activate(storage, "r5", nil)
            let status = try await storage.counters.status()
            #expect((status.counters, status.recent, status.buckets) == (0, 0, 0))
            // Back to r4, r3, and then r2 again, with what was not counted in the meantime.
            for _ in 0..<3 { _ = try await storage.releases.rollback() }
            #expect(await isCounted(narrow))
            try await storage.counters.rebuild(at: at(10))
            try await Self.check(storage, world, at: at(5000), "rolled back")
        }
    }

    @Test func concurrentWritersLoseNothing() async throws {
        try await withStorage(connections: 12) { storage async throws in
            let windows = WindowedCounters(
                counters: [
                    WindowedCounter(by: [.item], over: [.seconds(3600), .all]),
                    WindowedCounter(by: [.user], over: [.all]),
                ], heads: ["click", "like"])
            var world = NaiveCounters.random(windows, seed: 6)
            try await Self.putItems(storage, world)
            try await Self.activate(storage, "r0", nil)
            let base = world
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for part in 0..<6 {
                            var batch = ImportBatch()
                            // Each in an order of its own over the same keys.
                            let turn = (writer * 31 + part * 7) % 100
                            batch.impressions = (base.impressions[turn...] + base.impressions[..<turn]).map {
                                var shown = $0
                                shown.id += "/\(writer)/\(part)"
                                return shown
                            }
                            batch.events = (base.events[turn...] + base.events[..<turn]).map {
                                var event = $0
                                event.id += "/\(writer)/\(part)"
                                return event
                            }
                            if writer % 2 == 0 {
                                _ = try await storage.importSink.write(batch)
                            } else {
                                _ = try await storage.feedback.append(batch.impressions)
                                _ = try await storage.feedback.append(batch.events)
                            }
                        }
                    }
                }
                // The counters begin, are folded and are counted anew while all that is written.
                group.addTask {
                    try await Self.activate(storage, "r1", windows)
                    for second in 0..<10 { try await storage.counters.fold(at: at(Double(second) * 100)) }
                    try await storage.counters.rebuild(at: at(1000))
                    for second in 10..<20 { try await storage.counters.fold(at: at(Double(second) * 100)) }
                }
                try await group.waitForAll()
            }
            world.impressions = (0..<48).flatMap { _ in base.impressions }
            world.events = (0..<48).flatMap { _ in base.events }
            try await Self.check(storage, world, at: at(9100), "after all writers")
        }
    }

    @Test func aPlantedFutureAndTheSameSecondAreNotSeen() async throws {
        try await withStorage { storage async throws in
            let world = NaiveCounters.random(Self.windows, seed: 7)
            try await Self.putItems(storage, world)
            try await Self.activate(storage, "r1", Self.windows)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            try await storage.counters.fold(at: at(9010))
            let before = try await storage.counters.counts(
                world.keys(users: Self.users), of: Self.windows, at: at(9100))
            for (number, time) in [9100, 9100.999, 9101, 1e6].enumerated() {
                _ = try await storage.feedback.append([
                    Impression(
                        id: "future\(number)", userID: UserID("u1"), itemID: ItemID("i2"), shownAt: at(time))
                ])
                _ = try await storage.feedback.append([
                    makeEvent("future\(number)", "click", "u1", "i2", time, impression: "future")
                ])
                try await storage.counters.fold(at: at(9110))
                let after = try await storage.counters.counts(
                    world.keys(users: Self.users), of: Self.windows, at: at(9100.5))
                #expect(after == before)
            }
        }
    }

    /// A row that is changed counts as it is, and no more as it was.
    @Test func changedRowsAreCountedAnew() async throws {
        try await withStorage { storage async throws in
            var world = NaiveCounters.random(Self.windows, seed: 8)
            try await Self.putItems(storage, world)
            try await Self.activate(storage, "r1", Self.windows)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            try await storage.counters.fold(at: at(5000))
            _ = try await storage.pool.execute("UPDATE impressions SET user_id = 'u2' WHERE user_id = 'u1'")
            _ = try await storage.pool.execute("UPDATE events SET user_id = 'u2' WHERE user_id = 'u1'")
            for index in world.impressions.indices where world.impressions[index].userID == UserID("u1") {
                world.impressions[index].userID = UserID("u2")
            }
            for index in world.events.indices where world.events[index].userID == UserID("u1") {
                world.events[index].userID = UserID("u2")
            }
            try await Self.check(storage, world, at: at(9001), "changed")
        }
    }

    @Test func deletedRowsAreUncountedAndExpiredBucketsRemoved() async throws {
        try await withStorage { storage async throws in
            var world = NaiveCounters.random(Self.windows, seed: 8)
            try await Self.putItems(storage, world)
            try await Self.activate(storage, "r1", Self.windows)
            _ = try await storage.feedback.append(world.impressions)
            _ = try await storage.feedback.append(world.events)
            try await storage.counters.fold(at: at(5000))
            _ = try await storage.pool.execute("DELETE FROM impressions WHERE user_id = 'u1'")
            _ = try await storage.pool.execute("DELETE FROM events WHERE user_id = 'u1'")
            world.impressions.removeAll { $0.userID == UserID("u1") }
            world.events.removeAll { $0.userID == UserID("u1") }
            try await Self.check(storage, world, at: at(9001), "deleted")
            try await storage.counters.fold(at: at(1e7))
            try await Self.check(storage, world, at: at(1e7), "expired")
            let left: Int = try await storage.pool.query("SELECT count(*) FROM counter_buckets WHERE width > 0")
                .single().decode(0)
            #expect(left == 0)
        }
    }

    @Test func badReleasesAreRefused() async throws {
        try await withStorage { storage async throws in
            let unknown = WindowedCounters(
                counters: [WindowedCounter(by: [.item], over: [.all])], heads: ["never heard of"])
            let error = await storageError { try await Self.activate(storage, "r1", unknown) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("never heard of"))
            #expect(try await storage.releases.activeRelease() == nil)
            #expect(try await storage.counters.counts([], of: unknown, at: at(0)).isEmpty)
            let missing = await storageError {
                _ = try await storage.counters.counts([CounterKey(counter: 0, key: "x")], of: unknown, at: at(0))
            }
            #expect(missing == .notCounted)
        }
    }
}
