import CascadeCore
import CascadePipeline
import Testing

/// Counts that are the row's own number, with faults on demand.
struct ArrayCounters: RecentCounters {
    var fails = false
    var hangs = false
    var forgets = false

    func read(user: UserID?, rows: [Int32], at moment: Timestamp) async throws -> [RecentCounts] {
        if fails { throw FaultError(description: "the database is away") }
        if hangs { try await Task.sleep(for: .seconds(3600)) }
        return rows.map { RecentCounts(values: [Float($0), Float(user?.rawValue.count ?? 0)]) }
    }

    func lastKnown(user: UserID?, rows: [Int32]) async -> [RecentCounts] {
        if forgets { return [] }
        return rows.map { RecentCounts(values: [-Float($0), 0], isStale: true) }
    }
}

@Suite struct RecentCountersTests {
    private func bench(_ counters: ArrayCounters?) -> Bench {
        var bench = Bench(line(300))
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]])
        bench.release?.arrayCounters = counters
        return bench
    }

    @Test func theRankerIsToldWhatWasCountedOfEachRow() async throws {
        let bench = bench(ArrayCounters())
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(answer.degraded.isEmpty)
        let release = try #require(bench.release)
        #expect(!release.calls.all.isEmpty)
        for (rows, recent) in zip(release.calls.all, release.recentCalls.all) {
            #expect(recent?.map(\.values) == rows.map { [Float($0), 3] })
            #expect(recent?.contains { $0.isStale } == false)
        }
        let report = try #require(answer.trace?.stages.first { $0.component == "recent_counters" })
        #expect(report.enabled && report.note == nil)
    }

    @Test func aReleaseThatCountsNothingIsScoredAsBefore() async throws {
        let bench = bench(nil)
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(answer.degraded.isEmpty)
        #expect(bench.release?.recentCalls.all.allSatisfy { $0 == nil } == true)
        #expect(answer.trace?.stages.first { $0.component == "recent_counters" }?.enabled == false)
    }

    @Test func whatCannotBeReadIsTheLastKnownAndTold() async throws {
        let bench = bench(ArrayCounters(fails: true))
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10, debug: true))
        #expect(answer.items.count == 10)
        #expect(answer.degraded == [.countersStale])
        let release = try #require(bench.release)
        for (rows, recent) in zip(release.calls.all, release.recentCalls.all) {
            #expect(recent?.map(\.values) == rows.map { [-Float($0), 0] })
            #expect(recent?.allSatisfy { $0.isStale && $0.reason != nil } == true)
        }
        let report = try #require(answer.trace?.stages.first { $0.component == "recent_counters" })
        let reason = try #require(release.recentCalls.all.first??.first?.reason)
        #expect(report.note?.contains("the last known counts of") == true)
        #expect(report.note?.hasSuffix(": \(reason)") == true)
    }

    @Test func aSlowReadEndsAtItsDeadline() async throws {
        var bench = bench(ArrayCounters(hangs: true))
        bench.settings.hydrateTimeoutMilliseconds = 77
        bench.instantTimeouts = [77]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10))
        #expect(answer.items.count == 10)
        #expect(answer.degraded.contains(.countersStale))
    }

    @Test func countsOfOtherRowsAreNotTaken() async throws {
        let bench = bench(ArrayCounters(fails: true, forgets: true))
        let answer = try await bench.ask(RecommendRequest("bob", limit: 10))
        #expect(answer.items.count == 10)
        #expect(answer.degraded == [.componentError])
        #expect(bench.release?.recentCalls.all.allSatisfy { $0 == nil } == true)
    }
}
