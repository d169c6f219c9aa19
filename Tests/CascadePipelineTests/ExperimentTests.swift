import CascadeCore
import CascadeObservability
import Foundation
import Testing

@testable import CascadePipeline

@Suite struct ExperimentTests {
    private static func test(_ name: String, share: Double = 1, _ change: (inout PipelineChange) -> Void)
        -> ExperimentSettings
    {
        var pipeline = PipelineChange()
        change(&pipeline)
        return ExperimentSettings(
            name: name, share: share, arms: [.init(name: "control"), .init(name: "b", pipeline: pipeline)])
    }

    private static let likes = test("more_likes") { $0.scoreWeights = ["like": -9] }
    private static let mixed = test("mixed") {
        $0.diversity = PipelineChange.Diversity()
        $0.diversity?.maxPerCategory = 1
    }
    private static let users = (0..<20_000).map { UserID("user-\($0)") }

    @Test func usersFallIntoArmsByTheirWeights() throws {
        var test = Self.likes
        test.share = 0.3
        test.arms[1].weight = 2
        var counts = [0, 0, 0]
        for user in Self.users { counts[test.arm(of: user, seed: 7) ?? 2] += 1 }
        let chance = try #require(ChiSquareTest(counts: counts, shares: [0.1, 0.2, 0.7]))
        #expect(chance.pValue > 0.001, "\(counts)")
    }

    @Test func moreUsersKeepThoseWhoTakePart() {
        var wider = Self.likes
        wider.share = 0.4
        var narrow = wider
        narrow.share = 0.1
        for user in Self.users {
            guard let arm = narrow.arm(of: user, seed: 1) else { continue }
            #expect(wider.arm(of: user, seed: 1) == arm)
        }
        #expect(Self.users.contains { wider.arm(of: $0, seed: 1) != wider.arm(of: $0, seed: 2) })
    }

    @Test func testsAreIndependent() throws {
        var counts = [0, 0, 0, 0]
        for user in Self.users {
            let first = try #require(Self.likes.arm(of: user, seed: 0))
            let second = try #require(Self.mixed.arm(of: user, seed: 0))
            counts[2 * first + second] += 1
        }
        let chance = try #require(ChiSquareTest(counts: counts, shares: [1, 1, 1, 1]))
        #expect(chance.pValue > 0.001, "\(counts)")
    }

    private static func bench() -> Bench {
        var bench = Bench(line(60))
        bench.people.histories = Dictionary(uniqueKeysWithValues: (0..<40).map { ("u\($0)", ["i10", "i11", "i40"]) })
        bench.people.known = Set(bench.people.histories.keys)
        return bench
    }

    private static func settings(_ tests: ExperimentSettings...) -> ExperimentsSettings {
        var settings = ExperimentsSettings()
        settings.running = tests
        return settings
    }

    private static func ask(
        _ router: ExperimentRouter, _ user: String?, debug: Bool = true
    ) async throws -> RecommendResponse {
        try await router.recommend(
            RecommendRequest(user, limit: 8, debug: debug), context: RequestContext(requestID: "r"))
    }

    @Test func everyUserGetsThePipelineOfTheirArms() async throws {
        let bench = Self.bench()
        let router = try ExperimentRouter(try bench.pipeline(), Self.settings(Self.likes, Self.mixed))
        var seen: Set<[String: String]> = []
        for user in bench.people.known.sorted() {
            let answer = try await Self.ask(router, user)
            let arms = try #require(answer.experiment)
            seen.insert(arms)
            #expect(arms["more_likes"] == Self.likes.arms[try #require(Self.likes.arm(of: UserID(user), seed: 0))].name)
            let trace = try #require(answer.trace)
            #expect(trace.experiment == arms)
            #expect(trace.weights["like"] == (arms["more_likes"] == "b" ? -9 : 2))
            #expect(trace.diversity?.maxPerCategory == (arms["mixed"] == "b" ? 1 : 0))
            let mark = ".more_likes-\(arms["more_likes"] ?? "").mixed-\(arms["mixed"] ?? "")"
            #expect(answer.recommendationID.hasSuffix(mark) && trace.recommendationID == answer.recommendationID)
            #expect(bench.log.lines.last?.contains("\"experiment\":\"more_likes=\(arms["more_likes"] ?? "")") == true)
        }
        #expect(seen.count == 4)
        // Who says what heads count for takes part in nothing.
        var own = RecommendRequest("user-1", limit: 5)
        own.weights = ["like": 1]
        #expect(try await router.recommend(own, context: RequestContext(requestID: "q")).experiment == nil)
        let visitor = try await Self.ask(router, nil)
        #expect(visitor.experiment == nil && !visitor.recommendationID.contains("."))
    }

    /// An arm that was overruled while serving would be no arm.
    @Test func anArmsFactorsGoBeforeThoseSaidWhileServing() async throws {
        var bench = Self.bench()
        bench.release?.headFactors = HeadFactors(
            version: 3, factors: ["like": 5, "click": 0.5], note: "", createdAt: Bench.now)
        let router = try ExperimentRouter(try bench.pipeline(), Self.settings(Self.likes))
        for user in ["u0", "u1", "u2", "u3", "u4", "u5"] {
            let answer = try await Self.ask(router, user)
            let isTreated = answer.experiment?["more_likes"] == "b"
            #expect(answer.trace?.weights == ["like": isTreated ? -9 : 5, "click": 0.5, "hide": -4])
        }
    }

    @Test func anArmServesItsReleaseOrTheUsualOneForNobodysAccount() async throws {
        let bench = Self.bench()
        let test = ExperimentSettings(
            name: "release", arms: [.init(name: "control"), .init(name: "b", release: "rel_2")])
        let other = ArrayRelease(line(60), id: "rel_2")
        let router = try ExperimentRouter(try bench.pipeline(), Self.settings(test), releases: ["rel_2": { other }])
        let without = try ExperimentRouter(try bench.pipeline(), Self.settings(test), releases: ["rel_2": { nil }])
        var served: Set<String> = []
        for user in bench.people.known.sorted() {
            let answer = try await Self.ask(router, user)
            let isTreated = answer.experiment == ["release": "b"]
            #expect(answer.releaseID == (isTreated ? "rel_2" : "rel_1"))
            served.insert(answer.releaseID ?? "")
            let usual = try await Self.ask(without, user)
            #expect(usual.releaseID == "rel_1")
            #expect(usual.experiment == (isTreated ? nil : ["release": "control"]))
        }
        #expect(served == ["rel_1", "rel_2"])
        #expect(throws: PipelineError.self) { try ExperimentRouter(try bench.pipeline(), Self.settings(test)) }
    }

    @Test func aTestThatEndedServesNobody() async throws {
        var test = Self.likes
        test.share = 0
        let router = try ExperimentRouter(try Self.bench().pipeline(), Self.settings(test))
        #expect(try await Self.ask(router, "u1").experiment == nil)
    }

    @Test func wrongTestsNameTheirKeys() {
        func problems(_ change: (inout ExperimentsSettings) -> Void) -> [String] {
            var settings = Self.settings(Self.likes)
            change(&settings)
            return settings.problems(over: PipelineSettings())
        }
        #expect(problems { _ in }.isEmpty)
        #expect(
            problems { $0.running[0].name = "More-Likes" } == [
                "experiments.running: the name 'More-Likes' must be 1 to 24 small letters, digits and underscores"
            ])
        #expect(
            problems { $0.running[0].share = 1.5 } == [
                "experiments.running.more_likes.share: 1.5 is not from 0 (ended) to 1"
            ])
        #expect(
            problems { $0.running[0].arms.removeLast() } == [
                "experiments.running.more_likes.arms: 1 is not from 2 to 8; the first is the control"
            ])
        #expect(
            problems { $0.running[0].arms[1].name = "control" } == [
                "experiments.running.more_likes.arms: 'control' is listed more than once"
            ])
        #expect(
            problems { $0.running[0].arms[1].weight = 0 } == [
                "experiments.running.more_likes.arms.b.weight: 0.0 is not above 0"
            ])
        #expect(
            problems { $0.running[0].arms[1].pipeline.scorer = "none" } == [
                "experiments.running.more_likes.b.pipeline.scorer: there is no scorer 'none'; there are ranker, source_order"
            ])
        #expect(
            problems { settings in
                settings.running.append(Self.test("other") { $0.scoreWeights = ["like": 1] })
            } == [
                "experiments.running: 'more_likes' and 'other' both change score_weights.like; make them arms of one test"
            ])
        #expect(
            problems { $0.running.append(Self.likes) }.contains(
                "experiments.running: 'more_likes' is listed more than once"))
    }

    private static func user(_ name: String, _ arm: String, _ given: Int, of shown: Int) -> ExperimentUser {
        ExperimentUser(user: name, arm: arm, impressions: shown, signals: [.init(recorded: shown, given: given)])
    }

    @Test func aReportCountsUsersAndTellsDifferences() throws {
        let rows = [
            Self.user("a", "control", 1, of: 4), Self.user("b", "control", 0, of: 2), Self.user("c", "b", 3, of: 4),
            Self.user("d", "b", 1, of: 2), Self.user("e", "b", 2, of: 2), Self.user("e", "control", 0, of: 9),
            Self.user("f", "gone", 1, of: 7),
        ]
        let report = ExperimentReport(Self.likes, rows, signals: ["click"])
        #expect(report.arms.map(\.users) == [2, 2] && report.arms.map(\.impressions) == [6, 6])
        #expect(report.mixedUsers == 1 && report.strangeImpressions == 7)
        let rates = report.arms.map { $0.rates[1] }
        #expect(rates.map(\.name) == ["click", "click"])
        #expect(rates[0].value == 1.0 / 6 && rates[1].value == 4.0 / 6 && rates[0].difference == nil)
        #expect(abs((rates[1].difference ?? 0) - 0.5) < 1e-12)
        // Residuals of the control: 1 - 4/6 and 0 - 2/6; of b: 3 - 16/6 and 1 - 8/6.
        let variance: Double = 2 * 2 / 9.0 / 36
        let error: Double = (2 * variance).squareRoot()
        let interval = try #require(rates[1].differenceInterval)
        #expect(abs(interval.high - (0.5 + 1.959963984540054 * error)) < 1e-9)
        #expect(report.mismatch == 1)
        #expect(ExperimentText.render(report).contains("users are as the weights say (p = 1)"))
        let lost = (0..<600).map { Self.user("\($0)", $0 < 250 ? "control" : "b", 0, of: 1) }
        let mismatch = ExperimentReport(Self.likes, lost, signals: ["click"])
        #expect((mismatch.mismatch ?? 1) < ExperimentReport.mismatchLimit)
        #expect(ExperimentText.render(mismatch).contains("SAMPLE RATIO MISMATCH"))
        #expect(ExperimentReport(Self.likes, [], signals: ["click"]).mismatch == nil)
    }

    /// 400 tests of nothing, whose users differ much: 95 % of the intervals hold 0. Errors over impressions would be half as large and
    /// hold it in two of three.
    @Test func intervalsOfNoDifferenceHoldZero() {
        var random = SeededRandom(seed: 12)
        var held = 0
        for _ in 0..<400 {
            let rows = (0..<240).map { index in
                let rate = random.below(2) == 0 ? 0.1 : 0.7
                let shown = 1 + random.below(20)
                let given = (0..<shown).count { _ in random.uniform() < rate }
                return Self.user("\(index)", index % 2 == 0 ? "control" : "b", given, of: shown)
            }
            let report = ExperimentReport(Self.likes, rows, signals: ["click"])
            if report.arms[1].rates[1].differenceInterval?.contains(0) == true { held += 1 }
        }
        #expect((368...392).contains(held), "\(held) of 400")
    }
}
