import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import Testing

@testable import CascadeServing

/// Counts that tell which key they are of and how often anything was read.
private struct PlainCounters: WindowedCounterStore {
    let reads = Mutexed<[[CounterKey]]>([])
    let isAway = Mutexed(false)

    func counts(_ keys: [CounterKey], of definition: WindowedCounters, at moment: Timestamp) async throws -> [[Int32]] {
        if isAway.now { throw ServingError.foreignPreparedUser }
        reads.change { $0.append(keys) }
        return keys.map { key in
            let count = Int32(key.key.utf8.reduce(0) { $0 + Int($1) })
            return definition.counters[key.counter].over.flatMap { _ in
                [count] + [Int32](repeating: count / 2, count: 2 * definition.heads.count)
            }
        }
    }
}

@Suite struct RecentCounterTests {
    private static let windows = [
        WindowedCounter(by: [.item], over: [.seconds(3600), .all]),
        WindowedCounter(by: [.user, .creator], over: [.all]),
    ]

    private func reader(
        _ fixture: ServingFixture, _ store: PlainCounters, poll: Int = 60_000, cache: Int = 1000
    ) throws -> CounterReader {
        var settings = ServingSettings()
        settings.counterPollMilliseconds = poll
        settings.counterCache = cache
        return try #require(
            CounterReader(fixture.loaded, store: store, pool: ComputePool(threads: 1), settings: settings))
    }

    @Test func eachKeyIsReadOnceAPollAndRowsShareIt() async throws {
        let fixture = try ServingFixture(windows: Self.windows)
        let store = PlainCounters()
        let reader = try reader(fixture, store)
        // A new item behind the rows of the release.
        let snapshot = try fixture.snapshot([.put(ServingFixture.item(900))], counters: reader)
        let counters = try #require(snapshot.recentCounters)
        let rows: [Int32] = [0, 7, 14, 60, 0]
        let first = try await counters.read(user: UserID("u"), rows: rows, at: ServingFixture.time(0))
        #expect(store.reads.now.count == 1)
        // Four items; rows 0, 7 and 14 are of one creator, the new item is of another.
        #expect(store.reads.now[0].count == 4 + 2)
        #expect(first[0] == first[4] && first.allSatisfy { !$0.isStale && $0.values.count == 9 })
        #expect(Array(first[0].values.suffix(3)) == Array(first[1].values.suffix(3)))
        #expect(Array(first[0].values.prefix(6)) != Array(first[1].values.prefix(6)))
        let again = try await counters.read(user: UserID("u"), rows: rows, at: ServingFixture.time(1))
        #expect(again == first)
        #expect(store.reads.now.count == 1)
        _ = try await counters.read(user: UserID("v"), rows: rows, at: ServingFixture.time(1))
        #expect(store.reads.now.last?.map(\.counter) == [1, 1])
    }

    @Test func withoutAPollTimeEverythingIsReadAgain() async throws {
        let fixture = try ServingFixture(windows: Self.windows)
        let store = PlainCounters()
        let counters = try #require(try fixture.snapshot(counters: try reader(fixture, store, poll: 0)).recentCounters)
        for _ in 0..<3 { _ = try await counters.read(user: nil, rows: [1], at: ServingFixture.time(0)) }
        // Nobody has no counts of their own.
        #expect(store.reads.now == Array(repeating: [CounterKey(counter: 0, key: "6:i10001")], count: 3))
    }

    @Test func whileTheDatabaseIsAwayTheLastKnownIsTold() async throws {
        let fixture = try ServingFixture(windows: Self.windows)
        let store = PlainCounters()
        let counters = try #require(try fixture.snapshot(counters: try reader(fixture, store, poll: 0)).recentCounters)
        let read = try await counters.read(user: UserID("u"), rows: [1, 2], at: ServingFixture.time(0))
        store.isAway.change { $0 = true }
        await #expect(throws: ServingError.self) {
            try await counters.read(user: UserID("u"), rows: [1, 2], at: ServingFixture.time(0))
        }
        let known = await counters.lastKnown(user: UserID("u"), rows: [1, 2, 3])
        #expect(known.map(\.isStale) == [true, true, true])
        #expect(known[0].values == read[0].values && known[1].values == read[1].values)
        let layout = try #require(fixture.loaded.bundle.map.windowedLayout)
        #expect(Array(known[2].values) == layout.empty)
    }

    @Test func theMemoryIsBounded() async throws {
        let cache = CounterCache(limit: 10)
        let now = ContinuousClock.now
        func key(_ number: Int) -> CounterKey { CounterKey(counter: 0, key: "\(number)") }
        for number in 0..<100 {
            cache.put([(key: key(number), counts: [Int32(number)])], readAt: now)
            // Asked for again and again, so it is kept.
            _ = cache.entries([key(0)])
            #expect(cache.count <= 10)
        }
        #expect(cache.entries([key(0), key(99), key(1)]).map { $0?.counts } == [[0], [99], nil])
        let none = CounterCache(limit: 0)
        none.put([(key: key(1), counts: [1])], readAt: now)
        #expect(none.entries([key(1)])[0] == nil)
    }

    @Test func scoresFollowTheCountsAndAreThoseOfNothingCountedWithoutThem() async throws {
        let fixture = try ServingFixture(windows: Self.windows)
        let snapshot = try fixture.snapshot(counters: try reader(fixture, PlainCounters()))
        let user = try snapshot.prepare(
            UserState(userID: UserID("u"), user: nil, history: ServingFixture.history, now: ServingFixture.time(0)))
        let rows: [Int32] = [3, 4, 5]
        let layout = try #require(fixture.loaded.bundle.map.windowedLayout)
        func score(_ recent: [RecentCounts]?) throws -> [Float] {
            try snapshot.score(user, rows: rows, recent: recent, cancellation: ComputePool.Cancellation()).probabilities
        }
        let counters = try #require(snapshot.recentCounters)
        let read = try await counters.read(user: UserID("u"), rows: rows, at: ServingFixture.time(0))
        let empty = rows.map { _ in RecentCounts(values: layout.empty[...]) }
        #expect(try score(nil) == score(empty))
        #expect(try score(read) != score(nil))
        // A row's score is its own, whatever stands beside it.
        let alone = try snapshot.score(
            user, rows: [4], recent: [read[1]], cancellation: ComputePool.Cancellation()
        ).probabilities
        let heads = snapshot.heads.count
        let together = try score(read)[heads..<(2 * heads)]
        // But for the order of sums in products of one row.
        #expect(zip(alone, together).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func aReleaseWithoutWindowsReadsNothing() throws {
        let fixture = try ServingFixture()
        let reader = CounterReader(
            fixture.loaded, store: PlainCounters(), pool: ComputePool(threads: 1), settings: ServingSettings())
        #expect(reader == nil)
        #expect(try fixture.snapshot().recentCounters == nil)
    }

    @Test func badSettingsAreNamed() {
        var settings = ServingSettings()
        settings.counterPollMilliseconds = -1
        settings.counterCache = -5
        #expect(
            settings.problems() == [
                "serving.counter_poll_ms must be 0 to 60000", "serving.counter_cache must be 0 to 10000000",
            ])
    }
}
