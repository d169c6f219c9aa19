import CascadeCore
import Foundation
import Testing

@testable import CascadePipeline

@Suite struct ExplorationTests {
    private static func candidates(_ scores: [Double], creators: [Int32] = []) -> [Candidate] {
        scores.enumerated().map { row, score in
            var candidate = Candidate(row: Int32(row))
            candidate.tier = .ranked
            candidate.weighted = score
            candidate.creator = creators.isEmpty ? -1 : creators[row]
            return candidate
        }
    }

    private static func draw(
        _ scores: [Double], _ exploration: ExplorationSettings, _ diversity: DiversitySettings = DiversitySettings(),
        creators: [Int32] = []
    ) -> SlateDraw {
        SlateDraw(
            DiverseTopKSelector.multiplied(candidates(scores, creators: creators), diversity), diversity, exploration)
    }

    /// All slates of a size with their probabilities.
    private static func slates(_ draw: SlateDraw, size: Int, _ prefix: [Int32] = [], _ chance: Double = 1)
        -> [(rows: [Int32], probability: Double)]
    {
        let choices = draw.choices()
        if prefix.count == size || choices.isEmpty { return [(prefix, chance)] }
        return choices.filter { $0.probability > 0 }.flatMap { choice in
            var next = draw
            next.take(choice.place)
            return slates(next, size: size, prefix + [draw.order[choice.place].row], chance * choice.probability)
        }
    }

    private static let scores = [0.9, 0.7, 0.65, 0.3, 0.1, -0.4]
    private static let settings = [
        ExplorationSettings(temperature: 0.3, epsilon: 0.1, top: 5),
        ExplorationSettings(temperature: 0.05, epsilon: 0, top: 100),
        ExplorationSettings(temperature: 0, epsilon: 0.4, top: 4), ExplorationSettings(temperature: 1e-4, epsilon: 0),
    ]

    /// Pearson's statistic of 100,000 slates, against the exact distribution over all slates; both ends of it are refused.
    @Test(arguments: zip(settings.prefix(3), [0, 1, 0]))
    func slatesComeAsOftenAsTheyShould(exploration: ExplorationSettings, cap: Int) throws {
        var diversity = DiversitySettings()
        diversity.maxPerCreator = cap
        let creators: [Int32] = [0, 0, 1, 1, 2, 2]
        let candidates = Self.candidates(Self.scores, creators: creators)
        let exact = Self.slates(Self.draw(Self.scores, exploration, diversity, creators: creators), size: 3)
        #expect(abs(exact.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
        var counts: [[Int32]: Int] = [:]
        for seed in 0..<UInt64(100_000) {
            let slate = ExploringTopKSelector.select(
                candidates, diversity, exploration, seed: seed, size: 3, relaxed: false
            ).selected
            counts[slate.map(\.row), default: 0] += 1
        }
        // Rare slates are put together: the statistic takes five of a kind or more.
        let common = exact.filter { $0.probability * 100_000 >= 5 }
        let rare = exact.filter { $0.probability * 100_000 < 5 }
        var observed = common.map { counts[$0.rows] ?? 0 }
        var shares = common.map(\.probability)
        let left = rare.reduce(0) { $0 + $1.probability }
        if left * 100_000 >= 5 {
            observed.append(rare.reduce(0) { $0 + (counts[$1.rows] ?? 0) })
            shares.append(left)
        }
        #expect(Set(counts.keys).isSubset(of: exact.map(\.rows)))
        let test = try #require(ChiSquareTest(counts: observed, shares: shares))
        #expect(test.pValue > 0.001 && test.pValue < 0.999, "\(test)")
    }

    @Test(arguments: settings)
    func probabilitiesAreThoseOfPlackettAndLuce(exploration: ExplorationSettings) {
        var draw = Self.draw(Self.scores, exploration)
        var open = Array(Self.scores.indices.prefix(exploration.top))
        for _ in Self.scores {
            let choices = draw.choices()
            #expect(abs(choices.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
            if !open.isEmpty {
                let best = Self.scores[open[0]]
                let weights = open.map { row -> Double in
                    if exploration.temperature == 0 { return row == open[0] ? 1 : 0 }
                    return exp((Self.scores[row] - best) / exploration.temperature)
                }
                let sum = weights.reduce(0, +)
                let expected = weights.map {
                    (1 - exploration.epsilon) * $0 / sum + exploration.epsilon / Double(open.count)
                }
                #expect(zip(choices, expected).allSatisfy { abs($0.probability - $1) < 1e-12 })
                open.remove(at: open.count / 2)
                draw.take(choices[choices.count / 2].place)
            } else {
                #expect(choices.count == 1 && choices[0].probability == 1)
                draw.take(choices[0].place)
            }
        }
        #expect(draw.choices().isEmpty)
    }

    @Test func withoutChanceTheSlateIsTheUsualOne() {
        var random = SeededRandom(seed: 3)
        for size in [1, 4, 9, 30] {
            var diversity = DiversitySettings()
            diversity.maxPerCreator = size % 3
            diversity.creatorDecay = 0.5
            let candidates = Self.candidates(
                (0..<20).map { _ in random.uniform() - 0.3 }, creators: (0..<20).map { _ in Int32(random.below(4)) })
            for relaxed in [false, true] {
                let usual = DiverseTopKSelector.select(candidates, diversity, size: size, relaxed: relaxed)
                let other = ExploringTopKSelector.select(
                    candidates, diversity, ExplorationSettings(), seed: 9, size: size, relaxed: relaxed)
                #expect(usual == other)
            }
        }
    }

    private static func bench() -> Bench {
        var bench = Bench(line(60))
        bench.people.known = ["bob"]
        bench.people.histories = ["bob": ["i10", "i11", "i40"]]
        bench.settings.exploration = ExplorationSettings(temperature: 0.1, epsilon: 0.1, top: 25)
        return bench
    }

    private static func request(_ seed: UInt64? = 5) -> RecommendRequest {
        RecommendRequest(userID: UserID("bob"), limit: 8, debug: true, seed: seed)
    }

    @Test func theAnswerTheTraceAndTheReplayHaveTheSameProbabilities() async throws {
        let bench = Self.bench()
        let answer = try await bench.ask(Self.request())
        let shown = try #require(answer.trace)
        let trace = try JSONDecoder().decode(PipelineTrace.self, from: JSONEncoder().encode(shown))
        let recorded = trace.candidates.filter { $0.position != nil }.map(\.propensity)
        #expect(recorded == answer.items.map(\.propensity))
        #expect(recorded.allSatisfy { ($0 ?? 0) > 0 && ($0 ?? 1) < 1 })
        #expect(answer.items.contains { $0.reasons?.contains(.exploration) == true })
        let replay = try SlateReplay(trace, ReplayPolicy())
        #expect(replay.replayed == replay.logged)
        // The same policy as target weighs nothing, and the expected feature is what it is.
        let slate = try LoggedSlate(
            trace, target: ReplayPolicy(), rewards: [answer.ids[2]: 1], head: "click", unit: 0)
        #expect(slate.places.map(\.logging) == recorded)
        #expect(slate.places.allSatisfy { $0.target == $0.logging && $0.unsupported == 0 })
        #expect(slate.places.map(\.reward) == [0, 0, 1, 0, 0, 0, 0, 0])
        var greedy = ReplayPolicy()
        greedy.exploration = ExplorationSettings()
        let other = try LoggedSlate(trace, target: greedy, rewards: [:], head: "click", unit: 0)
        #expect(other.places[0].target == 0 || other.places[0].target == 1)
        var far = ReplayPolicy(factors: ["click": -10])
        far.exploration = ExplorationSettings()
        #expect(try LoggedSlate(trace, target: far, rewards: [:], head: nil, unit: 0).places[0].unsupported == 1)
        var forged = trace
        forged.candidates[1].propensity = 0.5
        #expect(throws: SlateReplay.Obstacle.notReproduced) {
            try LoggedSlate(forged, target: greedy, rewards: [:], head: nil, unit: 0)
        }
    }

    @Test func theSeedFixesTheSlate() async throws {
        let bench = Self.bench()
        let first = try await bench.ask(Self.request()).ids
        #expect(try await bench.ask(Self.request()).ids == first)
        var others: Set<[String]> = []
        for seed in 0..<20 { others.insert(try await bench.ask(Self.request(UInt64(seed))).ids) }
        #expect(others.count > 15)
        let byRequest = try await bench.ask(Self.request(nil), id: "a").ids
        #expect(try await bench.ask(Self.request(nil), id: "a").ids == byRequest)
        var off = bench
        off.settings.exploration = ExplorationSettings()
        let usual = try await off.ask(Self.request())
        #expect(usual.items.allSatisfy { $0.propensity == 1 && $0.reasons?.contains(.exploration) != true })
        #expect(usual.trace?.exploration == nil)
    }

    /// What was hidden a moment ago takes part in no draw, so that the probabilities are of those that could be shown.
    @Test func hiddenItemsAreTakenOutBeforeTheDraw() async throws {
        var bench = Self.bench()
        let candidates = try #require(try await bench.ask(Self.request()).trace).candidates
        let pool = candidates.filter { $0.removedBy == nil }.sorted { ($0.finalScore ?? 0) > ($1.finalScore ?? 0) }
            .prefix(25).map(\.itemID)
        bench.live = LiveStates(states: [pool[3]: .hidden, pool[24]: .deleted])
        for seed in 0..<10 {
            let trace = try #require(try await bench.ask(Self.request(UInt64(seed))).trace)
            let removed = trace.candidates.filter { $0.removedBy == "live_state" }.map(\.itemID)
            #expect(Set(removed) == [pool[3], pool[24]])
            #expect(
                try SlateReplay(trace, ReplayPolicy()).replayed.map(\.itemID)
                    == trace.candidates.prefix(8).map(\.itemID))
            _ = try LoggedSlate(trace, target: ReplayPolicy(), rewards: [:], head: nil, unit: 0)
        }
    }

    @Test func wrongSettingsNameTheirKeys() {
        var settings = PipelineSettings()
        settings.exploration = ExplorationSettings(temperature: -1, epsilon: 2, top: 0)
        #expect(
            settings.problems() == [
                "exploration.temperature: -1.0 is not 0 (the best) or more",
                "exploration.epsilon: 2.0 is not from 0 to 1",
                "exploration.top: 0 is not from 1 to 1000",
            ])
    }
}
