import CascadeCore
import Foundation
import Synchronization
import Testing

@testable import CascadePipeline

@Suite("Settings")
struct PipelineSettingsTests {
    @Test("the defaults have no problem, and survive JSON")
    func defaults() throws {
        let settings = PipelineSettings()
        #expect(settings.problems().isEmpty)
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(PipelineSettings.self, from: data) == settings)
    }

    @Test("absent keys keep their defaults; keys have the configuration's names")
    func partial() throws {
        let json = #"""
            {"sources": [{"name": "popular", "limit": 7, "timeout_ms": 9}], "diversity": {"max_per_creator": 2},
             "result_size": {"default": 5}, "refill_rounds": 1, "score_weights": {"click": 2.5},
             "stage_sample_rate": 0.5}
            """#
        var expected = PipelineSettings()
        expected.sources = [SourceSettings(name: "popular", limit: 7, timeoutMilliseconds: 9)]
        expected.diversity.maxPerCreator = 2
        expected.resultSize.default = 5
        expected.refillRounds = 1
        expected.scoreWeights = ["click": 2.5]
        expected.stageSampleRate = 0.5
        #expect(try JSONDecoder().decode(PipelineSettings.self, from: Data(json.utf8)) == expected)
    }

    @Test("each problem names its key, and unknown names come with the known ones")
    func problems() {
        var settings = PipelineSettings()
        settings.sources = [SourceSettings(name: "two_towers", limit: 0, timeoutMilliseconds: 5)]
        settings.filters = ["hidden", "excluded", "categories_any", "sean", "hidden"]
        settings.scorer = "coin"
        settings.resultSize.default = 500
        settings.stageSampleRate = 1.5
        settings.scoreWeights = ["click": .nan]
        settings.diversity.creatorFloor = -1
        #expect(
            settings.problems() == [
                "sources: there is no source 'two_towers'; there are followed_creators, fresh, interests, nearest_items, popular, similar_items, two_tower",
                "filters: there is no filter 'sean'; there are categories_any, excluded, hidden, hidden_by_user, max_age, seen",
                "scorer: there is no scorer 'coin'; there are ranker, source_order",
                "filters: 'hidden' is listed more than once",
                "filters: 'hidden_by_user' must be listed, for requests and the catalog rely on it",
                "filters: 'max_age' must be listed, for requests and the catalog rely on it",
                "sources.two_towers.limit: 0 is not from 1 to 100000",
                "result_size.default: 500 is not from 1 to result_size.max, 200",
                "stage_sample_rate: 1.5 is not from 0 to 1",
                "score_weights.click: nan is not a number",
                "diversity.creator_floor: -1.0 is not from 0 to 1",
            ])
        #expect(throws: PipelineError.invalidSettings(settings.problems())) {
            var bench = Bench(line(3))
            bench.settings = settings
            _ = try bench.pipeline()
        }
    }

    @Test("weights for heads that the ranker does not have are told")
    func heads() {
        var settings = PipelineSettings()
        settings.scoreWeights = ["klick": 1, "like": 2]
        #expect(
            settings.problems(withHeads: ["like", "click"]) == [
                "score_weights: the ranker has no head 'klick'; it has click, like"
            ])
    }

    @Test("components are listed with their stage, those not set up as disabled")
    func components() throws {
        var bench = Bench(line(3))
        bench.settings.sources = [SourceSettings(name: "popular", limit: 7, timeoutMilliseconds: 9)]
        bench.settings.filters.removeAll { $0 == "seen" }
        let components = try bench.pipeline().components()
        #expect(
            components.contains(
                ComponentDescription(
                    stage: .source, name: "popular", enabled: true, parameters: ["limit": "7", "timeout_ms": "9"])))
        #expect(components.contains(ComponentDescription(stage: .source, name: "two_tower", enabled: false)))
        #expect(components.contains(ComponentDescription(stage: .filter, name: "seen", enabled: false)))
        #expect(!components.contains { $0.name == "seen_items" })
    }
}

@Suite("JSON of answers")
struct CodingTests {
    @Test("an answer is this text")
    func golden() throws {
        let item = Item(
            id: ItemID("i3"), title: "T", categories: ["a"],
            attributes: ["n": .number(2), "l": .list(["x"]), "f": .flag(true)])
        let response = RecommendResponse(
            recommendationID: "rec_1", userID: UserID("u1"), releaseID: nil, generatedAt: Bench.now,
            items: [
                RecommendedItem(
                    itemID: ItemID("i3"), position: 0, score: 0.5, heads: ["click": 0.25],
                    sources: [
                        SourceMark(
                            name: "two_tower", rank: 4, score: 0.75, because: "i9",
                            interest: InterestMark(cluster: 7, rank: 2, probability: 0.5, because: ["i2"]))
                    ], reasons: [.similarToHistory],
                    attributes: item)
            ],
            fallback: .init(), underfilled: .init(requested: 2, returned: 1, cause: .catalogExhausted),
            degraded: [.sourceTimeout], timingsMS: .init(total: 1.5, retrieve: 0.5, rank: 1))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(response), as: UTF8.self)
        let expected =
            #"{"degraded":["source_timeout"],"fallback":{"reason":null,"used":false},"#
            + #""generated_at":"2026-06-01T00:00:00Z","items":[{"attributes":{"attributes":{"f":true,"l":["x"],"n":2},"#
            + #""categories":["a"],"title":"T"},"heads":{"click":0.25},"item_id":"i3","position":0,"#
            + #""reasons":["similar_to_history"],"score":0.5,"sources":[{"because":"i9","#
            + #""interest":{"because":["i2"],"cluster":7,"probability":0.5,"rank":2},"#
            + #""name":"two_tower","rank":4,"score":0.75}]}],"#
            + #""recommendation_id":"rec_1","release_id":null,"timings_ms":{"rank":1,"retrieve":0.5,"total":1.5},"#
            + #""underfilled":{"cause":"catalog_exhausted","requested":2,"returned":1},"user_id":"u1"}"#
        #expect(text == expected)
        #expect(try JSONDecoder().decode(RecommendResponse.self, from: Data(text.utf8)) == response)
    }

    @Test(
        "an answer with its trace survives JSON",
        arguments: [Faults(), Faults(nanRows: [99]), Faults(scoreFails: true)])
    func trace(_ faults: Faults) async throws {
        var bench = Bench(line(200), faults: faults)
        bench.people = People(known: ["bob"], histories: ["bob": ["i100"]])
        let answer = try await bench.ask(RecommendRequest("bob", limit: 199, debug: true))
        let data = try JSONEncoder().encode(answer)
        #expect(try JSONDecoder().decode(RecommendResponse.self, from: data) == answer)
        let json = String(decoding: data, as: UTF8.self)
        for name in [
            "removed_by", "retrieval_score", "diversity_multiplier", "final_score", "weighted_score", "propensity",
        ] {
            #expect(json.contains("\"\(name)\"") || name == "removed_by", "\(name)")
        }
    }
}

@Suite("Identifiers of slates")
struct TimeSortedIDTests {
    @Test("sort by their time, differ within a millisecond, and are made of harmless characters")
    func sorted() {
        var random = SeededRandom(seed: 3)
        var ids: [String] = []
        for step in 0..<200 {
            ids.append(
                TimeSortedID.make(prefix: "rec_", at: Bench.now.adding(seconds: Double(step) * 0.7), using: &random))
        }
        #expect(ids == ids.sorted())
        let same = (0..<200).map { _ in TimeSortedID.make(prefix: "rec_", at: Bench.now, using: &random) }
        #expect(Set(same).count == 200)
        #expect((ids + same).allSatisfy { $0.wholeMatch(of: /rec_[0-9a-hjkmnp-tv-z]{26}/) != nil })
        #expect(Set(same.map { $0.prefix(14) }).count == 1)
    }
}

@Suite("Deadline")
struct DeadlineTests {
    private func clock(_ passes: Bool) -> PipelineClock {
        PipelineClock(
            now: { Bench.now }, nanoseconds: { 0 },
            alarm: { _, action in
                let alarm = Alarm(action)
                if passes { alarm.ring() }
                return alarm
            })
    }

    @Test("work within its time gives its value or its error")
    func inTime() async {
        guard case .value(7) = await withDeadline(.seconds(1), clock(false), { 7 }) else {
            Issue.record("no value")
            return
        }
        let failed: Timed<Int> = await withDeadline(.seconds(1), clock(false)) { throw FaultError(description: "x") }
        guard case .failed(let error) = failed, error is FaultError else {
            Issue.record("no error")
            return
        }
    }

    @Test("late work is cancelled and left behind even when it does not listen")
    func late() async {
        let released = Mutex<CheckedContinuation<Void, Never>?>(nil)
        let outcome: Timed<Int> = await withDeadline(.seconds(1), clock(true)) {
            await withCheckedContinuation { continuation in released.withLock { $0 = continuation } }
            return 1
        }
        guard case .late = outcome else {
            Issue.record("not late")
            return
        }
        // The work may not have begun to wait yet; it is let go as soon as it does.
        while released.withLock({ $0 == nil }) { await Task.yield() }
        released.withLock { $0 }?.resume()
    }

    @Test("no time at all is late without trying")
    func none() async {
        let outcome: Timed<Int> = await withDeadline(.zero, clock(false)) {
            Issue.record("the work ran")
            return 1
        }
        guard case .late = outcome else {
            Issue.record("not late")
            return
        }
    }

    @Test("the caller's cancellation ends the wait")
    func cancelled() async {
        let task = Task { () -> Bool in
            let outcome: Timed<Int> = await withDeadline(.seconds(1), clock(false)) {
                try await Task.sleep(for: .seconds(3600))
                return 1
            }
            if case .failed = outcome { return true }
            return false
        }
        task.cancel()
        #expect(await task.value)
    }
}
