import CascadeCore
import CascadeObservability
import Foundation
import Testing

@testable import CascadePipeline

/// Slates are made by the pipeline, their traces go through JSON as they do in the database, and are replayed.
@Suite struct SlateReplayTests {
    private static func bench() -> Bench {
        var bench = Bench(line(60))
        bench.people.known = ["bob", "eve"]
        bench.people.histories = ["bob": ["i10", "i11", "i40"], "eve": ["i3"]]
        bench.settings.sources = [
            SourceSettings(name: "two_tower", limit: 30, timeoutMilliseconds: 60),
            SourceSettings(name: "popular", limit: 10, timeoutMilliseconds: 20),
        ]
        return bench
    }

    private static func trace(_ bench: Bench, _ request: RecommendRequest) async throws -> PipelineTrace {
        let trace = try #require(try await bench.ask(request).trace)
        return try JSONDecoder().decode(PipelineTrace.self, from: JSONEncoder().encode(trace))
    }

    private static func request(
        _ user: String, _ change: (inout RecommendRequest) -> Void = { _ in }
    ) -> RecommendRequest {
        var request = RecommendRequest(user, limit: 8, debug: true)
        change(&request)
        return request
    }

    @Test(arguments: [1.0, 0.5], [0, 2])
    func theLoggedFactorsGiveTheLoggedSlate(decay: Double, cap: Int) async throws {
        for user in ["bob", "eve"] {
            let request = Self.request(user) {
                $0.diversity.creatorDecay = decay
                $0.diversity.maxPerCategory = cap
            }
            let trace = try await Self.trace(Self.bench(), request)
            let replay = try SlateReplay(trace, ReplayPolicy())
            #expect(replay.logged.count == 8)
            #expect(replay.replayed.map(\.itemID) == replay.logged.map(\.itemID), "\(user)")
        }
    }

    @Test(arguments: [1.0, 0.5], [0, 2])
    func otherFactorsGiveTheSlateThatTheyWouldHaveGiven(decay: Double, cap: Int) async throws {
        let factors = ["click": -1.0, "hide": 0.5]
        let request = Self.request("bob") {
            $0.diversity.creatorDecay = decay
            $0.diversity.maxPerCreator = cap
        }
        var bench = Self.bench()
        let replay = try SlateReplay(try await Self.trace(bench, request), ReplayPolicy(factors: factors))
        bench.settings.scoreWeights = factors
        let answer = try await bench.ask(request)
        #expect(replay.replayed.map(\.itemID) == answer.items.map(\.itemID.rawValue))
        #expect(replay.replayed.map(\.itemID) != replay.logged.map(\.itemID))
    }

    @Test func otherDiversityGivesTheSlateThatItWouldHaveGiven() async throws {
        var request = Self.request("bob")
        var bench = Self.bench()
        bench.release = ArrayRelease(
            line(60).enumerated().map { index, item in
                var item = item
                item.creator = Int32(index / 4)
                return item
            })
        let trace = try await Self.trace(bench, request)
        var policy = ReplayPolicy()
        policy.diversity.maxPerCreator = 2
        policy.diversity.creatorDecay = 0.5
        let replay = try SlateReplay(trace, policy)
        request.diversity = policy.diversity
        #expect(replay.replayed.map(\.itemID) == (try await bench.ask(request)).ids)
        #expect(replay.replayed.map(\.itemID) != replay.logged.map(\.itemID))
    }

    @Test func fewerSourcesAndItemsGiveTheSlateThatTheyWouldHaveGiven() async throws {
        var bench = Self.bench()
        var request = Self.request("bob")
        let trace = try await Self.trace(bench, request)
        let first = try #require(trace.candidates.first?.itemID)
        var policy = ReplayPolicy()
        policy.withoutSources = ["popular"]
        policy.sourceLimits = ["two_tower": 12]
        policy.excludedItems = [first]
        let replay = try SlateReplay(trace, policy)
        bench.settings.sources = [SourceSettings(name: "two_tower", limit: 12, timeoutMilliseconds: 60)]
        request.filters.excludeItemIDs = []
        let other = try await bench.ask(request).ids
        #expect(replay.replayed.map(\.itemID).prefix(7) == other.filter { $0 != first }.prefix(7))
        policy.allowedItems = Set(trace.candidates.map(\.itemID).prefix(20)).subtracting([first])
        policy.sourceLimits = [:]
        #expect(try SlateReplay(trace, policy).replayed.allSatisfy { policy.allowedItems?.contains($0.itemID) == true })
    }

    @Test func whatATraceDoesNotHoldIsRefused() async throws {
        let trace = try await Self.trace(Self.bench(), Self.request("bob"))
        var policy = ReplayPolicy()
        // Bob has seen items, which never came to the ranker.
        policy.withoutFilters = ["seen"]
        #expect(throws: SlateReplay.Obstacle.notScored) { try SlateReplay(trace, policy) }
        policy.withoutFilters = ["max_age"]
        #expect(try SlateReplay(trace, policy).replayed == SlateReplay(trace, ReplayPolicy()).logged)
        policy = ReplayPolicy()
        policy.withoutSources = ["popular", "two_tower"]
        #expect(throws: SlateReplay.Obstacle.tooFew) { try SlateReplay(trace, policy) }
        var refilled = trace
        refilled.refillRounds = 1
        policy.withoutSources = ["popular"]
        #expect(throws: SlateReplay.Obstacle.refilled) { try SlateReplay(refilled, policy) }
        #expect(try SlateReplay(refilled, ReplayPolicy(factors: ["like": 3])).replayed.count == 8)
        var old = trace
        for index in old.candidates.indices { old.candidates[index].creator = nil }
        policy = ReplayPolicy()
        policy.diversity.maxPerCreator = 1
        #expect(throws: SlateReplay.Obstacle.notMixed) { try SlateReplay(old, policy) }
    }

    @Test func aFilterBehindTheSelectionCanBeLeftOut() async throws {
        var bench = Self.bench()
        let request = Self.request("bob")
        let first = try #require(try await bench.ask(request).ids.first)
        bench.live = LiveStates(states: [first: .hidden])
        let trace = try await Self.trace(bench, request)
        #expect(!trace.candidates.contains { $0.itemID == first && $0.position != nil })
        var policy = ReplayPolicy()
        policy.withoutFilters = ["live_state"]
        #expect(try SlateReplay(trace, policy).replayed.first?.itemID == first)
    }

    @Test func rankBiasedOverlapIsThatOfItsDefinition() {
        func overlap(_ left: [String], _ right: [String]) -> Double {
            SlateChange.rankBiasedOverlap(left, right, persistence: 0.9)
        }
        #expect(abs(overlap(["a", "b", "c"], ["a", "b", "c"]) - 1) < 1e-12)
        #expect(overlap(["a", "b"], ["c", "d"]) == 0)
        // Depth 1 agrees in nothing, depth 2 in all: (1 - p) / p * p^2 + p^2.
        #expect(abs(overlap(["a", "b"], ["b", "a"]) - 0.9) < 1e-12)
        // X = 1, 1, 1 of 1, 2, 3: (1 - p) / p * (p + p^2 / 2 + p^3 / 3) + p^3 / 3.
        #expect(abs(overlap(["a", "b", "c"], ["a", "d", "e"]) - (0.1 * (1 + 0.45 + 0.27) + 0.243)) < 1e-12)
        // A list that goes on agrees behind its end as much as it did: (1 - p) / p * (p + p^2 * (1 / 2 + 1 / 2)) + p^2.
        #expect(abs(overlap(["a"], ["a", "b"]) - (0.1 * (1 + 0.9) + 0.81)) < 1e-12)
        #expect(overlap([], []) == 1 && overlap([], ["a"]) == 0)
        let far = SlateChange((0..<10).map { "\($0)" }, (0..<10).reversed().map { "\($0)" })
        #expect(far.overlap == 1 && far.rankBiasedOverlap < 0.7)
    }

    @Test func itemsThatAreNoNumbersGoLast() async throws {
        var faults = Faults()
        faults.nanRows = [10, 11, 12]
        var bench = Self.bench()
        bench.release = ArrayRelease(line(60), faults: faults)
        let trace = try await Self.trace(bench, Self.request("bob"))
        let replay = try SlateReplay(trace, ReplayPolicy(factors: ["click": 5]))
        #expect(Set(replay.replayed.map(\.itemID)).isDisjoint(with: ["i10", "i11", "i12"]))
    }

    @Test func slatesThatCannotBeReplayedSaySo() async throws {
        var trace = try await Self.trace(Self.bench(), Self.request("bob"))
        trace.degraded = [.rankerTimeout]
        #expect(throws: SlateReplay.Obstacle.notRanked) { try SlateReplay(trace, ReplayPolicy()) }
        trace.degraded = []
        trace.underfillCause = .deadline
        #expect(throws: SlateReplay.Obstacle.cutShort) { try SlateReplay(trace, ReplayPolicy()) }
        trace.underfillCause = nil
        trace.candidates[0].row = nil
        #expect(throws: SlateReplay.Obstacle.olderVersion) { try SlateReplay(trace, ReplayPolicy()) }
        trace.heads = nil
        #expect(throws: SlateReplay.Obstacle.olderVersion) { try SlateReplay(trace, ReplayPolicy()) }
    }

    @Test func aReportAddsReplaysUp() async throws {
        let bench = Self.bench()
        var same = ReplayReport()
        var other = ReplayReport()
        for user in ["bob", "eve"] {
            let trace = try await Self.trace(bench, Self.request(user))
            same.add(try SlateReplay(trace, ReplayPolicy()))
            other.add(try SlateReplay(trace, ReplayPolicy(factors: ["click": -1, "like": 0])))
        }
        other.skip(.notRanked)
        #expect(same.slates == 2 && same.unchanged == 2 && same.keptShare == 1)
        let names =
            ["categories", "creators"] + ["click", "hide", "like"].map { "discounted.\($0)" }
            + ["overlap", "rank_biased_overlap"] + ["click", "hide", "like"].map { "sum.\($0)" }
        #expect(same.measures().map(\.name) == names)
        #expect(same.measures().allSatisfy { $0.difference == 0 && $0.interval == ValueRange(low: 0, high: 0) })
        #expect(same.moves(limit: 9).into.isEmpty && same.moves(limit: 9).out.isEmpty)
        #expect(other.unchanged < 2 && other.keptShare < 1)
        let click = try #require(other.measures().first { $0.name == "sum.click" })
        #expect(click.difference < 0 && (click.interval?.high ?? 1) < 0)
        #expect(!other.moves(limit: 9).into.isEmpty && other.moves(limit: 9).out.allSatisfy { $0.slates < 0 })
        let text = ReplayText.render(other)
        #expect(text.contains("replayed         2 slates"))
        #expect(text.contains("left out         1 slates without the ranker"))
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(other)) as? [String: Any]
        #expect(json?["slates"] as? Int == 2)
    }
}

@Suite struct HeadFactorTests {
    @Test func whatWasSaidWhileServingGoesBeforeSettingsAndRelease() async throws {
        var bench = Bench(line(20))
        bench.release?.headFactors = HeadFactors(version: 7, factors: ["like": -3], note: "", createdAt: Bench.now)
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i1"]]
        bench.settings.scoreWeights = ["like": 9, "click": 0]
        let answer = try await bench.ask(RecommendRequest("bob", limit: 3, debug: true))
        let trace = try #require(answer.trace)
        #expect(trace.weights == ["click": 0, "like": -3, "hide": -4])
        #expect(trace.factorsVersion == 7)
        #expect(bench.log.lines.contains { $0.contains("\"factors_version\":7") })
    }
}
