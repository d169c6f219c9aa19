import CascadeCore
import Testing

@testable import CascadePipeline

/// What a request itself tells of its visitor.
@Suite struct SessionEventTests {
    private func event(_ item: String, _ type: String? = "click", _ seconds: Double? = nil) -> SessionEvent {
        SessionEvent(itemID: ItemID(item), type: type, at: seconds.map { Bench.now.adding(seconds: $0) })
    }

    private func words(_ steps: [HistoryEntry]) -> [String] {
        steps.map { step in
            let age = Bench.now.seconds - step.at.seconds
            return "\(step.itemID) \(step.signals.sorted().joined(separator: "+")) \(Int(age))"
        }
    }

    @Test("a session is a past: newest first, one step an item, nothing from the future")
    func becomesSteps() {
        let session = [
            event("i1", "click", -50), event("i2", nil), event("i1", "like", -20), event("i3", "click", 99),
            event("i4", "click", -30),
        ]
        #expect(words(session.steps(at: Bench.now)) == ["i3 click 0", "i2  0", "i1 click+like 20", "i4 click 30"])
        #expect([SessionEvent]().steps(at: Bench.now).isEmpty)
    }

    @Test("what the log knows already is there once, and the rest keeps its order")
    func isLaidOverThePast() {
        let past = [event("i1", "like", -20), event("i9", "click", -40)].steps(at: Bench.now)
        let session = [event("i1", "click", -20), event("i2", "click", -30)].steps(at: Bench.now)
        #expect(words(past.adding(session, limit: 10)) == ["i1 click+like 20", "i2 click 30", "i9 click 40"])
        #expect(words(past.adding(session, limit: 2)) == ["i1 click+like 20", "i2 click 30"])
        #expect(past.adding([], limit: 1) == past)
    }

    @Test("an anonymous visitor with a session gets the slate of a user with that past")
    func servesAnonymousVisitors() async throws {
        var bench = Bench(line(60))
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i40", "i41"]]
        var request = RecommendRequest(nil, limit: 6)
        request.events = [event("i41", "click", -1), event("i40")]
        let anonymous = try await bench.ask(request)
        let known = try await bench.ask(RecommendRequest("bob", limit: 6))
        #expect(anonymous.ids == known.ids)
        #expect(anonymous.userID == nil && !anonymous.fallback.used)
        #expect(anonymous.items.allSatisfy { ($0.sources ?? []).contains { $0.name == "two_tower" } })
        // Without, nothing is known.
        #expect(try await bench.ask(RecommendRequest(nil, limit: 6)).fallback.reason == .unknownUser)
        // What the release does not know tells nothing.
        request.events = [event("nobody")]
        #expect(try await bench.ask(request).fallback.reason == .noHistory)
    }

    @Test("items of the session count as seen, unless seen items are wanted")
    func sessionItemsAreSeen() async throws {
        let bench = Bench(line(60))
        var request = RecommendRequest(nil, limit: 10)
        request.events = [event("i30")]
        #expect(try await !bench.ask(request).ids.contains("i30"))
        request.filters.excludeSeen = false
        #expect(try await bench.ask(request).ids.contains("i30"))
    }

    @Test("a session is more than the past that could not be read")
    func outlivesADatabase() async throws {
        var bench = Bench(line(60))
        bench.people.historiesFail = true
        var request = RecommendRequest("bob", limit: 5)
        request.events = [event("i50")]
        let response = try await bench.ask(request)
        #expect(response.degraded.contains(.historyUnavailable) && !response.fallback.used)
        #expect(response.ids.contains("i51"))
    }

    @Test("without a release the items of a session are left out")
    func withoutARelease() async throws {
        var bench = Bench()
        bench.catalogItems = CatalogItems(all: ["a", "b", "c"].map { Item(id: ItemID($0)) })
        var request = RecommendRequest(nil, limit: 2)
        request.events = [event("a")]
        #expect(try await bench.ask(request).ids == ["b", "c"])
    }

    @Test("a caller's list is ranked by the session too")
    func ranksForASession() async throws {
        let pipeline = try Bench(line(60)).pipeline()
        let items = ["i10", "i50"].map { ItemID($0) }
        for (seen, first) in [("i9", "i10"), ("i51", "i50")] {
            let response = try await pipeline.rank(
                RankRequest(userID: nil, itemIDs: items, events: [event(seen)]),
                context: RequestContext(requestID: "q"))
            #expect(response.items.first?.itemID == ItemID(first))
        }
    }

    @Test("too many events and names that are none are told")
    func isChecked() {
        var request = RecommendRequest("u")
        request.events = Array(repeating: event("i"), count: 101)
        #expect(request.problems(under: PipelineSettings()).map(\.pointer) == ["/events"])
        request.events = [event("i"), event("")]
        #expect(request.problems(under: PipelineSettings()).map(\.pointer) == ["/events/1/item_id"])
        let ranking = RankRequest(userID: nil, itemIDs: [ItemID("i")], events: request.events)
        #expect(ranking.problems().map(\.pointer) == ["/events/1/item_id"])
    }
}
