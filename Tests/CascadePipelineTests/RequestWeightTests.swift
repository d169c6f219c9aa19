import CascadeCore
import Testing

@testable import CascadePipeline

/// A request that says itself what heads count for, and which release shall answer.
@Suite struct RequestWeightTests {
    private func bench() -> Bench {
        var bench = Bench(line(60))
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i30"]]
        return bench
    }

    private func asked(_ change: (inout RecommendRequest) -> Void = { _ in }) -> RecommendRequest {
        var request = RecommendRequest("bob", limit: 8, debug: true)
        change(&request)
        return request
    }

    @Test("weights of a request go before all others, and its trace tells them")
    func weighs() async throws {
        var bench = bench()
        let usual = try await bench.ask(asked())
        let other = try await bench.ask(asked { $0.weights = ["click": -1, "like": 0] })
        #expect(other.ids != usual.ids)
        #expect(other.trace?.weights == ["click": -1, "like": 0, "hide": -4])
        bench.settings.scoreWeights = ["click": -1, "like": 0]
        #expect(try await bench.ask(asked()).ids == other.ids)
        bench.settings.pinnedWeights = ["click": 5]
        #expect(try await bench.ask(asked { $0.weights = ["click": -1] }).ids == other.ids)
        // One request is not the next.
        #expect(try await self.bench().ask(asked()).ids == usual.ids)
    }

    @Test("heads that are not there and weights that are none are told")
    func refusesOddWeights() async throws {
        let bench = bench()
        await #expect(throws: PipelineError.unknownHead("lick", known: ["click", "like", "hide"])) {
            try await bench.ask(asked { $0.weights = ["lick": 1, "click": 2] })
        }
        for weight in [Double.nan, .infinity, 1.1e6, -1.1e6] {
            let problems = asked { $0.weights = ["click": weight] }.problems(under: bench.settings)
            #expect(problems.map(\.pointer) == ["/weights/click"])
        }
    }

    @Test("only what is served can be asked for by name")
    func namesARelease() async throws {
        let bench = bench()
        #expect(try await bench.ask(asked { $0.releaseID = "rel_1" }).ids == bench.ask(asked()).ids)
        await #expect(throws: PipelineError.notServed(release: "rel_0", served: "rel_1")) {
            try await bench.ask(asked { $0.releaseID = "rel_0" })
        }
        await #expect(throws: PipelineError.notServed(release: "rel_0", served: nil)) {
            try await Bench().ask(asked { $0.releaseID = "rel_0" })
        }
    }
}
