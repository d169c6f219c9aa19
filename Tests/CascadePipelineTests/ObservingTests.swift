import CascadeCore
import CascadeObservability
import CascadePipeline
import Foundation
import Testing

@Suite("What a request leaves behind")
struct ObservingTests {
    private func bench() -> Bench {
        var items = line(300)
        items[98].hidden = true
        var bench = Bench(items)
        bench.people = People(known: ["bob"], histories: ["bob": ["i100", "i101"]])
        return bench
    }

    private func lines(_ bench: Bench) throws -> [[String: Any]] {
        try bench.log.lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test("one summary line, with who, what and why, and the user only as a hash")
    func summary() async throws {
        let bench = bench()
        _ = try await bench.ask(RecommendRequest("bob", limit: 10), id: "req-7")
        let lines = try lines(bench)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line["msg"] as? String == "pipeline_summary")
        #expect(line["request_id"] as? String == "req-7")
        #expect(line["recommendation_id"] as? String == "rec_1")
        #expect(line["release_id"] as? String == "rel_1")
        #expect(line["model_version"] as? String == "rank_1")
        #expect(line["index_version"] as? String == "index_1")
        #expect(line["config_hash"] as? String == "c0ffee")
        #expect(line["pipeline"] as? String == "recommend")
        #expect(line["requested"] as? Int == 10)
        #expect(line["returned_count"] as? Int == 10)
        #expect(line["underfilled"] as? Bool == false)
        #expect(line["fallback"] == nil)
        // Two-tower brings 298 of 300 (two are seen); popular and fresh bring the seen ones along.
        #expect(line["per_source"] as? [String: Int] == ["two_tower": 298, "popular": 100, "fresh": 50])
        #expect((line["served_per_source"] as? [String: Int])?["two_tower"] == 10)
        #expect(line["removed_per_filter"] as? [String: Int] == ["hidden": 1])
        #expect(line["user_id_hash"] as? String == UserIDHash(salt: 0)(UserID("bob")))
        #expect(!bench.log.lines.joined().contains("bob"))
        let stages = try #require(line["stage_latency_ms"] as? [String: Double])
        #expect(Set(stages.keys).isSuperset(of: ["query_hydrator", "source", "filter", "scorer", "selector"]))
    }

    @Test("every component has its line for a debug request, a debug user, a sample of 1 and the debug level")
    func components() async throws {
        var debugUser = bench()
        debugUser.settings.debugUserIDs = ["bob"]
        var sampled = bench()
        sampled.settings.stageSampleRate = 1
        var debugLevel = bench()
        debugLevel.logLevel = "debug"
        for (bench, debug, level) in [
            (bench(), true, "info"), (debugUser, false, "info"), (sampled, false, "info"), (debugLevel, false, "debug"),
        ] {
            _ = try await bench.ask(RecommendRequest("bob", limit: 10, debug: debug))
            let stages = try lines(bench).filter { $0["msg"] as? String == "stage" }
            #expect(stages.allSatisfy { $0["level"] as? String == level })
            let components = stages.map { "\($0["stage"] as? String ?? "").\($0["component"] as? String ?? "")" }
            #expect(
                Set(components) == [
                    "query_hydrator.user", "query_hydrator.history", "query_hydrator.hidden_items",
                    "dependent_query_hydrator.user_encoding", "dependent_query_hydrator.seen_items", "source.two_tower",
                    "source.popular", "source.fresh", "filter.hidden", "filter.hidden_by_user",
                    "filter.excluded", "filter.seen",
                    "filter.categories_any", "filter.max_age", "filter.earlier_pages", "hydrator.catalog_features",
                    "hydrator.recent_counters",
                    "scorer.ranker", "selector.diverse_top_k",
                ])
            #expect(components.count == 19)
            #expect(stages.compactMap { $0["seq"] as? Int } == Array(0..<19))
            let hidden = try #require(stages.first { $0["component"] as? String == "hidden" })
            let input = try #require(hidden["input_count"] as? Int)
            #expect(hidden["removed_count"] as? Int == 1)
            #expect(hidden["kept_count"] as? Int == input - 1)
            let off = stages.filter { $0["enabled"] as? Bool == false }.compactMap { $0["component"] as? String }
            #expect(
                Set(off) == [
                    "seen_items", "hidden_by_user", "excluded", "categories_any", "max_age", "earlier_pages",
                    "recent_counters",
                ])
        }
    }

    @Test("metrics count the slate, its sources, filters and heads, and no user or item")
    func metrics() async throws {
        let bench = bench()
        let pipeline = try bench.pipeline()
        _ = try await pipeline.recommend(RecommendRequest("bob", limit: 10), context: RequestContext(requestID: "a"))
        _ = try await pipeline.recommend(RecommendRequest("eve", limit: 10), context: RequestContext(requestID: "b"))
        var short = RecommendRequest("bob", limit: 10)
        short.filters.categoriesAny = ["nonsense"]
        _ = try await pipeline.recommend(short, context: RequestContext(requestID: "c"))
        await #expect(throws: PipelineError.self) {
            try await pipeline.recommend(RecommendRequest("bob", limit: -1), context: RequestContext(requestID: "d"))
        }
        let text = bench.metrics.text()
        for line in [
            #"cascade_recommendations_total{result="ok"} 1"#, #"cascade_recommendations_total{result="fallback"} 1"#,
            #"cascade_recommendations_total{result="underfilled"} 1"#,
            #"cascade_recommendations_total{result="error"} 1"#, #"cascade_fallback_total{reason="unknown_user"} 1"#,
            #"cascade_underfilled_total{cause="filters"} 1"#,
            #"cascade_source_items_served_total{source="two_tower"} 10"#,
            #"cascade_head_score_count{head="like"} 20"#,
            #"cascade_stage_duration_seconds_count{pipeline="recommend",stage="source",component="two_tower"} 2"#,
            #"cascade_stage_candidates_count{pipeline="recommend",stage="filter",component="hidden",kind="removed"} 4"#,
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains("bob") && !text.contains("eve") && !text.contains("i99"))
    }

    @Test("traces go to the sink for a share of requests, and for every debug request")
    func traces() async throws {
        var bench = bench()
        let kept = KeptTraces()
        bench.traces = kept
        bench.settings.traceSampleRate = 0.5
        let pipeline = try bench.pipeline()
        for index in 0..<40 {
            _ = try await pipeline.recommend(RecommendRequest("bob"), context: RequestContext(requestID: "r\(index)"))
        }
        bench.settings.traceSampleRate = 0
        _ = try await bench.ask(RecommendRequest("bob", debug: true), id: "debugged")
        let ids = try kept.traces().map(\.requestID)
        #expect(ids.last == "debugged")
        #expect((10...30).contains(ids.count - 1))
    }

    @Test("what a debug request tells is what is kept of it")
    func keptAsTold() async throws {
        var bench = bench()
        let kept = KeptTraces()
        bench.traces = kept
        bench.settings.exploration = ExplorationSettings(temperature: 0.5, epsilon: 0.1, top: 50)
        let told = try #require(try await bench.ask(RecommendRequest("bob", limit: 10, debug: true)).trace)
        #expect(try kept.traces() == [told])
        #expect(told.candidates.filter { $0.position != nil }.map(\.position) == (0..<10).map { $0 })
        #expect(told.candidates.contains { $0.removedBy != nil } && told.candidates.contains { $0.finalScore != nil })
    }

    @Test("a trace that finds no room costs no request")
    func noRoom() async throws {
        var bench = bench()
        bench.traces = KeptTraces(capacity: 1)
        let pipeline = try bench.pipeline()
        for index in 0..<3 {
            let answer = try await pipeline.recommend(
                RecommendRequest("bob"), context: RequestContext(requestID: "\(index)"))
            #expect(!answer.items.isEmpty)
        }
        #expect(
            bench.metrics.text().contains(
                #"cascade_stage_errors_total{stage="side_effect",component="trace",reason="error"} 2"#))
    }

    @Test("a trace explains what became of any item")
    func explanation() async throws {
        let bench = bench()
        let trace = try #require(try await bench.ask(RecommendRequest("bob", limit: 10, debug: true)).trace)
        let shown = try #require(trace.candidates.first)
        #expect(trace.explanation(of: shown.itemID).verdict == .shown)
        #expect(trace.explanation(of: shown.itemID).candidate == shown)
        let removed = trace.explanation(of: "i98")
        #expect(removed.verdict == .removed && removed.detail.contains("hidden (filter)"))
        #expect(trace.explanation(of: "i250").verdict == .notSelected)
        #expect(trace.explanation(of: "nothing").verdict == .notRetrieved)
    }

    @Test("the funnel is a table with a line for each component, and the slate below it")
    func funnel() async throws {
        let trace = try #require(try await bench().ask(RecommendRequest("bob", limit: 3, debug: true)).trace)
        let text = FunnelText.render(trace, candidates: 2)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0] == "rec_1  user bob  release rel_1")
        #expect(lines[2] == "stage                     component         round   in  out  removed    ms  note")
        let two = try #require(lines.first { $0.contains("two_tower ") })
        #expect(two == "source                    two_tower             0       298           0.00")
        #expect(lines.contains { $0.hasPrefix("filter                    excluded") && $0.hasSuffix("off") })
        #expect(lines.contains("returned 3 of 3 in 0.00 ms"))
        #expect(lines.contains("kept out of retrieval: seen 2"))
        #expect(lines.count { $0.contains("two_tower#") } == 2)
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }
}
