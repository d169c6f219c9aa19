import CascadeCore
import CascadeObservability
import CascadePipeline
import Foundation
import Logging
import Synchronization
import Testing

@testable import CascadeServing

/// A pipeline that answers with a fixed slate of a release.
private struct Fixed: Recommending {
    var settings = PipelineSettings()
    let releaseID: String
    let items: [RecommendedItem]
    var failure: PipelineError?
    var asked: Log?

    final class Log: Sendable {
        let requests = Mutex<[(request: RecommendRequest, context: RequestContext)]>([])
    }

    func components() -> [ComponentDescription] { [] }

    func recommend(
        _ request: RecommendRequest, context: RequestContext
    ) async throws(PipelineError) -> RecommendResponse {
        asked?.requests.withLock { $0.append((request, context)) }
        if let failure { throw failure }
        return RecommendResponse(
            recommendationID: "rec_1", userID: request.userID, releaseID: releaseID,
            generatedAt: Timestamp(microseconds: 0), items: items, fallback: .init(),
            underfilled: .init(requested: items.count, returned: items.count), degraded: [], timingsMS: .init(total: 2))
    }
}

/// Keeps the lines of a log.
private struct Lines: LogHandler {
    final class Kept: Sendable {
        let all = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
    }

    let kept: Kept
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        kept.all.withLock { $0.append(("\(event.message)", event.metadata ?? [:])) }
    }
}

@Suite struct ShadowTests {
    private static func slate(_ names: [String], click: [Float]? = nil) -> [RecommendedItem] {
        names.enumerated().map { place, name in
            RecommendedItem(
                itemID: ItemID(name), position: place, heads: click.map { ["click": $0[place], "own": 1] })
        }
    }

    private static func response(_ items: [RecommendedItem]) async throws -> RecommendResponse {
        try await Fixed(releaseID: "r", items: items)
            .recommend(RecommendRequest(userID: nil), context: RequestContext(requestID: "q"))
    }

    @Test func whatTwoSlatesShareIsCounted() async throws {
        let shown = try await Self.response(Self.slate(["a", "b", "c", "d"], click: [0.4, 0.3, 0.2, 0.1]))
        let shadow = try await Self.response(Self.slate(["a", "c", "x", "b"], click: [0.5, 0.5, 0.5, 0.25]))
        let comparison = ShadowComparison(shown: shown, shadow: shadow)
        #expect(comparison.shared == 3 && comparison.overlap == 0.75 && comparison.sameFirst)
        // b moved by two places, c by one, a by none.
        #expect(comparison.meanShift == 1)
        let click = try #require(comparison.heads["click"])
        #expect(abs(click.shown - 1) < 1e-6 && click.shadow == 1.75)
    }

    @Test func emptyAndUnequalSlatesAreCompared() async throws {
        let none = try await Self.response([])
        let some = try await Self.response(Self.slate(["a", "b"]))
        let nothing = ShadowComparison(shown: none, shadow: none)
        #expect(nothing.overlap == 1 && !nothing.sameFirst && nothing.meanShift == nil && nothing.heads.isEmpty)
        #expect(ShadowComparison(shown: some, shadow: none).overlap == 0)
        #expect(ShadowComparison(shown: some, shadow: try await Self.response(Self.slate(["b"]))).overlap == 0.5)
    }

    /// Runs a request through a runner until its stream has ended.
    private static func run(
        shadow: Fixed, share: Double?, requests: Int = 1, debug: Bool = false
    ) async throws -> (lines: [(message: String, metadata: Logger.Metadata)], metrics: String) {
        let kept = Lines.Kept()
        let registry = MetricRegistry()
        var release = ServingFixture.release("rel_2")
        release.shadowShare = share
        let (following, logger) = (release, Logger(label: "test") { _ in Lines(kept: kept) })
        let runner = ShadowRunner(
            pipeline: Fixed(releaseID: "rel_1", items: slate(["a", "b"])), shadow: shadow, metrics: registry,
            logger: logger
        ) { following }
        for number in 0..<requests {
            let request = RecommendRequest(userID: UserID("u"), limit: 2, debug: debug)
            let response = try await runner.recommend(request, context: RequestContext(requestID: "q\(number)"))
            #expect(response.releaseID == "rel_1" && response.items.map(\.itemID.rawValue) == ["a", "b"])
        }
        await runner.drain()
        return (kept.all.withLock { $0 }, registry.text())
    }

    @Test func aShareIsComparedInTheLogAndNeverShown() async throws {
        let asked = Fixed.Log()
        let (lines, metrics) = try await Self.run(
            shadow: Fixed(releaseID: "rel_2", items: Self.slate(["b", "z"]), asked: asked), share: 1, debug: true)
        let line = try #require(lines.first { $0.message == "shadow_compared" })
        #expect(line.metadata["release_id"] == "rel_1" && line.metadata["shadow_release_id"] == "rel_2")
        #expect("\(line.metadata["overlap"] ?? "")" == "0.5" && "\(line.metadata["shared"] ?? "")" == "1")
        #expect(line.metadata["request_id"] == "q0")
        #expect(metrics.contains(#"cascade_shadow_requests_total{result="compared"} 1"#), "\(metrics)")
        let first = try #require(asked.requests.withLock { $0 }.first)
        #expect(!first.request.debug && first.context.requestID == "q0" && first.request.userID == UserID("u"))
    }

    /// A request that names the shadow release is answered by it, and compared with nothing.
    @Test func theShadowReleaseIsAskedByItsName() async throws {
        let kept = Lines.Kept()
        var release = ServingFixture.release("rel_2")
        release.shadowShare = 1
        let (following, logger) = (release, Logger(label: "test") { _ in Lines(kept: kept) })
        let runner = ShadowRunner(
            pipeline: Fixed(releaseID: "rel_1", items: Self.slate(["a"])),
            shadow: Fixed(releaseID: "rel_2", items: Self.slate(["b"])), metrics: MetricRegistry(), logger: logger
        ) { following }
        for (name, answered) in [("rel_2", "rel_2"), ("rel_1", "rel_1")] {
            let request = RecommendRequest(userID: nil, releaseID: name)
            let response = try await runner.recommend(request, context: RequestContext(requestID: name))
            #expect(response.releaseID == answered)
        }
        var weighed = RecommendRequest(userID: nil)
        weighed.weights = ["click": 1]
        _ = try await runner.recommend(weighed, context: RequestContext(requestID: "weighed"))
        _ = try await runner.recommend(RecommendRequest(userID: nil), context: RequestContext(requestID: "plain"))
        await runner.drain()
        // Only what is as everybody asks is compared.
        let compared = kept.all.withLock { $0 }.map { "\($0.metadata["request_id"] ?? "")" }
        #expect(compared == ["plain"])
    }

    @Test func withoutAShareNothingIsScoredTwice() async throws {
        let asked = Fixed.Log()
        _ = try await Self.run(
            shadow: Fixed(releaseID: "rel_2", items: [], asked: asked), share: nil, requests: 5)
        #expect(asked.requests.withLock { $0.isEmpty })
    }

    @Test func aShareOfTheRequestsIsTaken() async throws {
        let asked = Fixed.Log()
        _ = try await Self.run(
            shadow: Fixed(releaseID: "rel_2", items: [], asked: asked), share: 0.25, requests: 60)
        let taken = asked.requests.withLock { $0.count }
        // Of 60 with a quarter each, 16 at most wait; none or all is out of the question.
        #expect(taken > 0 && taken <= 16)
    }

    @Test func aShadowThatFailsIsToldAndDisturbsNobody() async throws {
        let (lines, metrics) = try await Self.run(
            shadow: Fixed(releaseID: "rel_2", items: [], failure: .cancelled), share: 1)
        #expect(lines.contains { $0.message == "shadow_failed" })
        #expect(metrics.contains(#"cascade_shadow_requests_total{result="failed"} 1"#))
    }

    /// While the shadow is slower than the requests come, those beyond a few are left out and counted.
    @Test func aBurstIsCutOff() async throws {
        let asked = Fixed.Log()
        let (_, metrics) = try await Self.run(
            shadow: Fixed(releaseID: "rel_2", items: [], asked: asked), share: 1, requests: 40)
        #expect(asked.requests.withLock { $0.count } == 16)
        #expect(metrics.contains(#"cascade_shadow_requests_total{result="dropped"} 24"#), "\(metrics)")
    }

    /// What was taken before the shadow became the active release is no comparison.
    @Test func aShadowThatIsActiveIsNotComparedWithItself() async throws {
        let asked = Fixed.Log()
        let kept = Lines.Kept()
        var release = ServingFixture.release("rel_1")
        release.shadowShare = 1
        let following = release
        let runner = ShadowRunner(
            pipeline: Fixed(releaseID: "rel_1", items: Self.slate(["a"])),
            shadow: Fixed(releaseID: "rel_1", items: [], asked: asked), metrics: MetricRegistry(),
            logger: Logger(label: "test") { _ in Lines(kept: kept) }
        ) { following }
        _ = try await runner.recommend(RecommendRequest(userID: nil), context: RequestContext(requestID: "q"))
        await runner.drain()
        #expect(asked.requests.withLock { $0.isEmpty })
    }
}
