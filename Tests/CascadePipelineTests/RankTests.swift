import CascadeCore
import CascadeObservability
import Testing

@testable import CascadePipeline

@Suite struct RankTests {
    private func bench(_ faults: Faults = Faults()) -> Bench {
        var items = line(60)
        items[7].hidden = true
        var bench = Bench(items, faults: faults)
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i20", "i21"]]
        bench.people.hidden = ["bob": ["i19"]]
        return bench
    }

    private func rank(_ bench: Bench, _ request: RankRequest) async throws -> RankResponse {
        try await bench.pipeline().rank(request, context: RequestContext(requestID: "req-1"))
    }

    private func words(_ response: RankResponse) -> [String] {
        response.items.map { "\($0.itemID) \($0.status.rawValue)" }
    }

    private let list = ["i50", "nobody", "i22", "i7", "i19", "i20"].map { ItemID($0) }

    @Test("the caller's items come back ranked, what may not be shown and what is unknown behind them")
    func ranks() async throws {
        let bench = bench()
        let response = try await rank(bench, RankRequest(userID: UserID("bob"), itemIDs: list))
        #expect(
            words(response) == [
                "i20 ranked", "i22 ranked", "i50 ranked", "i7 removed", "i19 removed", "nobody unknown_item",
            ])
        #expect(response.items.map(\.position) == Array(0..<6))
        #expect(response.items.compactMap(\.removedBy) == ["hidden", "hidden_by_user"])
        #expect(!response.fallback.used && response.degraded.isEmpty && response.releaseID == "rel_1")
        let scores = response.items.compactMap(\.score)
        #expect(scores.count == 3 && scores == scores.sorted(by: >))
        #expect(response.items[0].heads?.keys.sorted() == ["click", "hide", "like"])
    }

    @Test("a caller's list is in the order of its scores, whatever slates leave to chance")
    func leavesNothingToChance() async throws {
        var bench = bench()
        let request = RankRequest(userID: UserID("bob"), itemIDs: (22..<59).map { ItemID("i\($0)") }, debug: true)
        let plain = try await rank(bench, request)
        bench.settings.exploration = ExplorationSettings(temperature: 5, epsilon: 0.9)
        let response = try await rank(bench, request)
        #expect(words(response) == words(plain))
        let trace = try #require(response.trace)
        #expect(trace.exploration == nil)
        #expect(throws: SlateReplay.Obstacle.callersList) { try SlateReplay(trace, ReplayPolicy()) }
    }

    @Test("an item's score is the one that a recommendation gives it, and its mates do not matter")
    func scoresAsARecommendationDoes() async throws {
        let bench = bench()
        var request = RecommendRequest("bob", limit: 40)
        request.filters.excludeSeen = false
        let slate = try await bench.ask(request)
        let wanted = Dictionary(uniqueKeysWithValues: slate.items.map { ($0.itemID, $0.score) })
        #expect(wanted[ItemID("i22")] != nil)
        for mates in [[], ["i1", "i2", "i59"]] {
            let items = (["i22", "i25"] + mates).map { ItemID($0) }
            let response = try await rank(bench, RankRequest(userID: UserID("bob"), itemIDs: items))
            for item in response.items where wanted[item.itemID] != nil {
                #expect(item.score == wanted[item.itemID])
            }
        }
    }

    @Test("the order is the caller's where the ranker fails, and the answer says so", arguments: [true, false])
    func fallsBack(hangs: Bool) async throws {
        var faults = Faults()
        faults.scoreFails = !hangs
        faults.scoreHangs = hangs
        var bench = bench(faults)
        if hangs { bench.instantTimeouts = [bench.settings.rankTimeoutMilliseconds] }
        let response = try await rank(bench, RankRequest(userID: UserID("bob"), itemIDs: list))
        #expect(Array(words(response).prefix(3)) == ["i50 unranked", "i22 unranked", "i20 unranked"])
        #expect(response.fallback.reason == .rankerError)
        #expect(response.degraded == [hangs ? .rankerTimeout : .rankerError])
        #expect(response.items.allSatisfy { $0.score == nil })
    }

    @Test("a stranger is ranked for, and the answer says that nothing is known of them")
    func strangers() async throws {
        for user in [nil, UserID("eve")] {
            let response = try await rank(bench(), RankRequest(userID: user, itemIDs: list))
            #expect(response.fallback.reason == .unknownUser)
            #expect(response.items.filter { $0.status == .ranked }.count == 4)
        }
    }

    @Test("without a release the list comes back as it came")
    func withoutARelease() async throws {
        var bench = bench()
        bench.release = nil
        let response = try await rank(bench, RankRequest(userID: UserID("bob"), itemIDs: list))
        #expect(response.items.map(\.itemID) == list && response.items.allSatisfy { $0.status == .unranked })
        #expect(response.fallback.reason == .noActiveRelease && response.releaseID == nil)
        #expect(bench.log.lines.count == 1 && bench.log.lines[0].contains(#""fallback":"no_active_release""#))
    }

    @Test("what was hidden a moment ago is removed")
    func liveState() async throws {
        var bench = bench()
        bench.live = LiveStates(states: ["i22": .hidden])
        let response = try await rank(bench, RankRequest(userID: UserID("bob"), itemIDs: list))
        #expect(response.items.first { $0.itemID == ItemID("i22") }?.removedBy == "live_state")
        #expect(response.items.filter { $0.itemID == ItemID("i22") }.count == 1)
        bench.live = LiveStates(fails: true)
        #expect(
            try await rank(bench, RankRequest(userID: nil, itemIDs: list)).degraded == [.liveStateUnavailable])
    }

    @Test("a ranking has its own name in lines, traces and metrics, and counts as no slate")
    func isObserved() async throws {
        var bench = bench()
        let kept = KeptTraces()
        bench.traces = kept
        let request = RankRequest(userID: UserID("bob"), itemIDs: list, context: ["surface": "search"], debug: true)
        let response = try await rank(bench, request)
        #expect(response.trace?.pipeline == "rank")
        let trace = try #require(try kept.traces().first)
        #expect(trace.recommendationID == response.recommendationID && trace.context == ["surface": "search"])
        #expect(trace.candidates.first?.sources.map(\.name) == ["caller"])
        let lines = bench.log.lines
        #expect(lines.contains { $0.contains("pipeline_summary") && $0.contains(#""pipeline":"rank""#) })
        #expect(lines.filter { $0.contains(#""msg":"stage""#) }.count > 10)
        let text = bench.metrics.text()
        #expect(text.contains("cascade_rankings_total{result=\"ok\"} 1\n"))
        #expect(
            text.contains(#"cascade_stage_duration_seconds_count{pipeline="rank",stage="scorer",component="ranker"} 1"#)
        )
        #expect(!text.contains(#"source="caller""#) && !text.contains(#"cascade_recommendations_total{result="ok"}"#))
    }

    @Test("what cannot be ranked is named")
    func refuses() async throws {
        let twice = RankRequest(userID: nil, itemIDs: ["a", "b", "a", ""].map { ItemID($0) }, include: [.reasons])
        #expect(
            twice.problems().map { "\($0.pointer) \($0.code)" } == [
                "/item_ids/2 invalid", "/item_ids/3 invalid_identifier", "/include invalid",
            ])
        let many = RankRequest(userID: UserID(""), itemIDs: (0...1000).map { ItemID("\($0)") })
        #expect(many.problems().map(\.pointer) == ["/user_id", "/item_ids"])
        let bench = bench()
        await #expect(throws: PipelineError.self) { try await rank(bench, twice) }
        #expect(bench.metrics.text().contains("cascade_rankings_total{result=\"error\"} 1\n"))
    }
}
