import CascadeCore
import Testing

@testable import CascadePipeline

/// Of items that no source brought a trace knows nothing; the release that made the slate does.
@Suite struct ExplainingTests {
    private func bench(_ count: Int = 60) -> Bench {
        var items = line(count)
        items[55].hidden = true
        var bench = Bench(items)
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i2"]]
        bench.settings.sources = [SourceSettings(name: "two_tower", limit: 10, timeoutMilliseconds: 60)]
        return bench
    }

    private func trace(_ bench: Bench) async throws -> PipelineTrace {
        try #require(try await bench.ask(RecommendRequest("bob", limit: 3, debug: true)).trace)
    }

    @Test("how far from the cut an item was is computed again")
    func tellsTheDistance() async throws {
        let bench = bench()
        let trace = try await trace(bench)
        let explanation = try await bench.pipeline().explanation(of: "i40", in: trace)
        #expect(explanation.verdict == .notRetrieved && explanation.candidate == nil)
        let item = try #require(explanation.recomputed)
        let found = try #require(item.retrieval)
        #expect(item.state == .shown && item.releaseID == "rel_1")
        // The items 0 to 39 are nearer to 2 than 40 is.
        #expect(found.score == -38 && found.rank == 40 && found.of == 60)
        let marks = trace.candidates.flatMap(\.sources)
        #expect(found.cutRank == marks.map(\.rank).max() && found.cutScore == marks.map(\.score).min())
        // The same as a ranking of it gives.
        let ranked = try await bench.pipeline().rank(
            RankRequest(userID: UserID("bob"), itemIDs: [ItemID("i40")]), context: RequestContext(requestID: "q"))
        #expect(item.heads == ranked.items[0].heads && item.weightedScore == ranked.items[0].score)
        #expect(explanation.detail.contains("computed again with the same release"))
        #expect(explanation.detail.contains("rank 40 of 60"))
        #expect(explanation.detail.contains("the slate's last has"))
    }

    @Test("what happened after the slate does not count")
    func knowsTheUserOfThen() async throws {
        let bench = bench()
        var trace = try await trace(bench)
        trace.generatedAt = Bench.now.adding(seconds: -1).rfc3339
        let item = try #require(try await bench.pipeline().explanation(of: "i40", in: trace).recomputed)
        #expect(item.retrieval == nil, "the user had no past then")
    }

    @Test("a user without a past is searched for by attributes again")
    func knowsAttributes() async throws {
        var bench = bench()
        bench.people.histories = [:]
        bench.people.places["bob"] = 2
        let trace = try await trace(bench)
        let item = try #require(try await bench.pipeline().explanation(of: "i40", in: trace).recomputed)
        #expect(item.retrieval?.score == -38 && item.retrieval?.cutRank != nil)
    }

    @Test("the trace is believed where it knows the item")
    func believesTheTrace() async throws {
        let bench = bench()
        let trace = try await trace(bench)
        let shown = try #require(trace.candidates.first)
        let explanation = try await bench.pipeline().explanation(of: shown.itemID, in: trace)
        #expect(explanation == trace.explanation(of: shown.itemID) && explanation.recomputed == nil)
    }

    @Test("items that are hidden now and items that nobody knows are told apart")
    func tellsTheState() async throws {
        let bench = bench()
        let trace = try await trace(bench)
        let hidden = try await bench.pipeline().explanation(of: "i55", in: trace)
        #expect(hidden.recomputed?.state == .hidden && hidden.detail.contains("it is hidden now"))
        let unknown = try await bench.pipeline().explanation(of: "nobody", in: trace)
        #expect(unknown.recomputed?.state == .unknown && unknown.detail.contains("does not know it"))
    }

    @Test("what cannot be computed again is said, with the reason")
    func saysWhyNot() async throws {
        var bench = bench()
        let made = try await trace(bench)
        func reason(_ trace: PipelineTrace, _ bench: Bench) async throws -> String {
            let explanation = try await bench.pipeline().explanation(of: "i40", in: trace)
            #expect(explanation.recomputed == nil && explanation.verdict == .notRetrieved)
            return explanation.detail
        }
        var anonymous = made
        anonymous.userID = nil
        #expect(try await reason(anonymous, bench).contains("anonymous"))
        var other = made
        other.release?.releaseID = "rel_0"
        #expect(
            try await reason(other, bench).contains("release rel_0 made the slate, and rel_1 is served now"))
        bench.people.historiesFail = true
        #expect(try await reason(made, bench).contains("no histories"))
        #expect(try await reason(made, Bench()).contains("no release is served"))
        var burning = Faults()
        burning.retrieveFails = true
        var broken = Bench(line(60), faults: burning)
        broken.people = self.bench().people
        #expect(try await reason(made, broken).contains("on fire"))
    }
}
