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
            let replay = try SlateReplay(trace, factors: [:])
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
        let replay = try SlateReplay(try await Self.trace(bench, request), factors: factors)
        bench.settings.scoreWeights = factors
        let answer = try await bench.ask(request)
        #expect(replay.replayed.map(\.itemID) == answer.items.map(\.itemID.rawValue))
        #expect(replay.replayed.map(\.itemID) != replay.logged.map(\.itemID))
    }

    @Test func itemsThatAreNoNumbersGoLast() async throws {
        var faults = Faults()
        faults.nanRows = [10, 11, 12]
        var bench = Self.bench()
        bench.release = ArrayRelease(line(60), faults: faults)
        let trace = try await Self.trace(bench, Self.request("bob"))
        let replay = try SlateReplay(trace, factors: ["click": 5])
        #expect(Set(replay.replayed.map(\.itemID)).isDisjoint(with: ["i10", "i11", "i12"]))
    }

    @Test func slatesThatCannotBeReplayedSaySo() async throws {
        var trace = try await Self.trace(Self.bench(), Self.request("bob"))
        trace.degraded = [.rankerTimeout]
        #expect(throws: SlateReplay.Obstacle.notRanked) { try SlateReplay(trace, factors: [:]) }
        trace.degraded = []
        trace.underfillCause = .deadline
        #expect(throws: SlateReplay.Obstacle.cutShort) { try SlateReplay(trace, factors: [:]) }
        trace.underfillCause = nil
        trace.candidates[0].row = nil
        #expect(throws: SlateReplay.Obstacle.olderVersion) { try SlateReplay(trace, factors: [:]) }
        trace.heads = nil
        #expect(throws: SlateReplay.Obstacle.olderVersion) { try SlateReplay(trace, factors: [:]) }
    }

    @Test func aReportAddsReplaysUp() async throws {
        let bench = Self.bench()
        var same = ReplayReport()
        var other = ReplayReport()
        for user in ["bob", "eve"] {
            let trace = try await Self.trace(bench, Self.request(user))
            same.add(try SlateReplay(trace, factors: [:]))
            other.add(try SlateReplay(trace, factors: ["click": -1, "like": 0]))
        }
        other.skip(.notRanked)
        #expect(same.slates == 2 && same.unchanged == 2 && same.keptShare == 1)
        #expect(same.heads.map(\.name) == ["click", "hide", "like"])
        #expect(same.heads.allSatisfy { $0.difference == 0 && $0.deviation == 0 })
        #expect(other.unchanged < 2 && other.keptShare < 1)
        let click = try #require(other.heads.first { $0.name == "click" })
        #expect(click.difference < 0)
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
