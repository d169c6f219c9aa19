import CascadeCore
import Testing

@testable import CascadePipeline

@Suite struct UserMemoryTests {
    private static func history(_ count: Int) -> [HistoryEntry] {
        (0..<count).map { HistoryEntry(itemID: ItemID("i\($0)"), at: Bench.now, signals: ["click"]) }
    }

    /// While nothing can be read, a user that was served before gets what was known, and a stranger what strangers get.
    @Test func whatWasReadLastHasToDo() async throws {
        var bench = Bench(line(300))
        let outage = Outage()
        bench.people = People(
            known: ["bob", "eve"], histories: ["bob": ["i100", "i101"], "eve": ["i7"]], hidden: ["bob": ["i99"]],
            outage: outage)
        let pipeline = try bench.pipeline()
        func ask(_ user: String) async throws -> RecommendResponse {
            try await pipeline.recommend(
                RecommendRequest(user, limit: 10), context: RequestContext(requestID: "req"))
        }
        let before = try await ask("bob")
        #expect(before.degraded.isEmpty && !before.ids.contains("i99") && !before.ids.contains("i100"))
        outage.set(true)
        let during = try await ask("bob")
        #expect(during.ids == before.ids)
        #expect(during.degraded == [.historyStale, .seenStale, .hiddenStale] && !during.fallback.used)
        let stranger = try await ask("eve")
        #expect(stranger.degraded == [.historyUnavailable, .seenUnavailable, .hiddenUnavailable])
        #expect(stranger.fallback.reason == .noHistory)
        outage.set(false)
        #expect(try await ask("eve").degraded.isEmpty)
    }

    /// A history that is shorter than what is read at most names all that was seen; a longer one does not.
    @Test(arguments: [(2, 1), (3, 0)]) func whatAHistoryNamesIsReadOnce(limit: Int, reads: Int) async throws {
        var bench = Bench(line(300))
        let counted = Reads()
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]], seenReads: counted)
        bench.settings.historyLimit = limit
        let answer = try await bench.ask(RecommendRequest("bob", limit: 20))
        #expect(counted.count == reads)
        #expect(answer.degraded.isEmpty && Set(answer.ids).isDisjoint(with: ["i100", "i101"]))
    }

    /// What was seen is known from a whole history, and a list that was read before must not outlive it.
    @Test func seenItemsAreThoseOfAWholeHistory() {
        var known = UserMemory.Known(since: Bench.now)
        #expect(known.seenItems == nil)
        known.history = Self.history(2)
        #expect(known.seenItems == nil, "there may be more")
        known.historyIsWhole = true
        #expect(known.seenItems == [ItemID("i0"), ItemID("i1")])
        known.seen = [ItemID("x")]
        #expect(known.seenItems == [ItemID("x")])
    }

    /// What a whole history named is known when it is whole no longer and the seen items cannot be read; a list that was read
    /// before does not outlive a whole history.
    @Test func seenItemsStayKnown() async throws {
        var bench = Bench(line(300))
        let memory = UserMemory(limit: 1000)
        bench.memory = memory
        let bob = UserID("bob")
        func ask(_ past: [String], limit: Int, failing: Bool = false) async throws -> RecommendResponse {
            bench.people = People(known: ["bob"], histories: ["bob": past], seenFails: failing)
            bench.settings.historyLimit = limit
            return try await bench.ask(RecommendRequest("bob", limit: 5))
        }
        _ = try await ask(["i1", "i2"], limit: 2)
        #expect(memory.known(bob, at: Bench.now)?.seen == [ItemID("i1"), ItemID("i2")])
        _ = try await ask(["i1", "i2"], limit: 3)
        #expect(memory.known(bob, at: Bench.now)?.seen == nil)
        #expect(memory.known(bob, at: Bench.now)?.seenItems == [ItemID("i1"), ItemID("i2")])
        let answer = try await ask(["i3", "i2", "i1"], limit: 3, failing: true)
        #expect(answer.degraded == [.seenStale])
        #expect(memory.known(bob, at: Bench.now)?.seenItems == [ItemID("i1"), ItemID("i2")])
    }

    @Test func nothingIsRememberedWhereNothingShallBe() async throws {
        var bench = Bench(line(300))
        let outage = Outage()
        bench.people = People(known: ["bob"], histories: ["bob": ["i100"]], outage: outage)
        bench.settings.rememberedSteps = 0
        let pipeline = try bench.pipeline()
        for isOn in [false, true] {
            outage.set(isOn)
            let answer = try await pipeline.recommend(
                RecommendRequest("bob", limit: 5), context: RequestContext(requestID: "req"))
            #expect(answer.degraded.contains(.historyUnavailable) == isOn)
        }
    }

    /// Whatever is kept and asked for: no more than the limit is held, and who was used a moment ago is held.
    @Test(arguments: 0..<8) func itIsBoundedAndKeepsWhoWasUsedLast(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) + 1)
        let memory = UserMemory(limit: 1000)
        for _ in 0..<3000 {
            let user = UserID("u\(random.below(400))")
            if random.below(2) == 0 {
                let history = Self.history(random.below(40))
                memory.keep(user, at: Bench.now) { $0.history = history }
                #expect(memory.known(user, at: Bench.now)?.history == history, "seed \(seed)")
            } else {
                memory.keep(user, at: Bench.now) { $0.seen = [ItemID("x")] }
                #expect(memory.known(user, at: Bench.now)?.seen == [ItemID("x")], "seed \(seed)")
            }
            #expect(memory.weight <= 1000, "seed \(seed)")
        }
    }

    @Test func whoIsAskedForStays() {
        let memory = UserMemory(limit: 1000)
        let bob = UserID("bob")
        memory.keep(bob, at: Bench.now) { $0.history = Self.history(5) }
        for other in 0..<2000 {
            memory.keep(UserID("u\(other)"), at: Bench.now) { $0.history = Self.history(9) }
            if other % 20 == 0 { #expect(memory.known(bob, at: Bench.now) != nil) }
        }
        #expect(memory.known(UserID("u3"), at: Bench.now) == nil)
        memory.keep(UserID("long"), at: Bench.now) { $0.history = Self.history(900) }
        #expect(memory.known(UserID("long"), at: Bench.now) == nil, "what has no room is not kept")
    }

    @Test func anHourLaterItIsForgotten() {
        let memory = UserMemory(limit: 100)
        let bob = UserID("bob")
        memory.keep(bob, at: Bench.now) { $0.history = Self.history(2) }
        let later = Bench.now.adding(seconds: UserMemory.seconds - 1)
        memory.keep(bob, at: later) { $0.seen = [] }
        #expect(memory.known(bob, at: later)?.history?.count == 2)
        let last = Bench.now.adding(seconds: UserMemory.seconds)
        #expect(memory.known(bob, at: last) == nil, "its oldest part is too old")
        #expect(memory.weight == 0)
    }
}
