import CascadeCore
import CascadePipeline
import CascadeServer
import Foundation
import Synchronization

/// Answers with a fixed slate and keeps what it was asked.
final class StubRecommender: Recommending {
    typealias Answer =
        @Sendable (RecommendRequest, CascadePipeline.RequestContext) async throws(PipelineError) -> RecommendResponse

    let settings = PipelineSettings()
    private let asked = Mutex<[(request: RecommendRequest, context: CascadePipeline.RequestContext)]>([])
    private let answer: Answer

    init(answer: @escaping Answer = { request, _ in StubRecommender.slate(for: request) }) { self.answer = answer }

    /// The requests so far.
    var requests: [(request: RecommendRequest, context: CascadePipeline.RequestContext)] { asked.withLock { $0 } }

    func recommend(
        _ request: RecommendRequest, context: CascadePipeline.RequestContext
    ) async throws(PipelineError) -> RecommendResponse {
        asked.withLock { $0.append((request, context)) }
        return try await answer(request, context)
    }

    func components() -> [ComponentDescription] {
        [
            ComponentDescription(stage: .source, name: "two_tower", enabled: true, parameters: ["limit": "400"]),
            ComponentDescription(stage: .source, name: "popular", enabled: false),
            ComponentDescription(stage: .filter, name: "seen", enabled: true),
            ComponentDescription(stage: .queryHydrator, name: "history", enabled: true),
        ]
    }

    /// A slate of one item with every member that an answer can have.
    static func slate(for request: RecommendRequest) -> RecommendResponse {
        let item = Item(
            id: ItemID("i/3"), title: "Tree \"oak\"", creatorID: "c1", categories: ["news"],
            attributes: ["length": .number(12.5), "tags": .list(["a", "b"]), "live": .flag(true)],
            createdAt: Timestamp(rfc3339: "2026-01-02T03:04:05.25Z"))
        var answered = RecommendedItem(itemID: item.id, position: 0)
        if request.include.contains(.scores) {
            answered.score = 0.183
            answered.propensity = 0.25
            answered.heads = ["like": 0.03, "click": 0.12, "skip": 0.4]
            answered.sources = [
                SourceMark(name: "two_tower", rank: 4, score: 0.71), SourceMark(name: "popular", rank: 1, score: 12),
                SourceMark(
                    name: "interests", rank: 3, score: -2.5,
                    interest: InterestMark(
                        cluster: 7, name: "oaks", rank: 1, probability: 0.25, because: ["i/1", "i2"])),
            ]
        }
        if request.include.contains(.reasons) { answered.reasons = [.similarToHistory] }
        if request.include.contains(.attributes) { answered.attributes = item }
        let limit = request.limit ?? 20
        return RecommendResponse(
            recommendationID: "rec_1", userID: request.userID, releaseID: "rel_42",
            generatedAt: Timestamp(rfc3339: "2026-09-30T12:00:00Z") ?? .now, items: [answered],
            fallback: .init(reason: request.userID == nil ? .unknownUser : nil),
            underfilled: .init(requested: limit, returned: 1, cause: limit > 1 ? .catalogExhausted : nil),
            degraded: [.capsRelaxed], timingsMS: .init(total: 14.2, retrieve: 4.1, rank: 6),
            experiment: request.debug ? ["more_likes": "b", "a_test": "control"] : nil,
            trace: request.debug ? trace(request) : nil)
    }

    private static func trace(_ request: RecommendRequest) -> PipelineTrace? {
        let json = """
            {"request_id":"r","recommendation_id":"rec_1","generated_at":"2026-09-30T12:00:00Z","pipeline":"recommend",
             "context":{},"requested":20,"returned":1,"degraded":[],"refill_rounds":0,"weights":{"click":1},
             "excluded_before_retrieval":{},"latency_ms":14.2,
             "stages":[{"seq":0,"stage":"source","component":"two_tower","round":0,"enabled":true,"latency_ms":1,
                        "timed_out":false}],
             "candidates":[{"item_id":"i/3","sources":[],"heads":{}}]}
            """
        var trace = try? JSONDecoder().decode(PipelineTrace.self, from: Data(json.utf8))
        trace?.userID = request.userID?.rawValue
        trace?.context = request.context
        trace?.candidates[0].retrievalScore = .nan
        return trace
    }
}

/// Reports what it is told to.
struct StubReadiness: ReadinessProviding {
    var report = ReadinessReport(
        checks: [.init(name: "postgres", status: .ok), .init(name: "release", status: .ok)], releaseID: "rel_42",
        index: .init(version: "idx_1", items: 3, builtAt: Timestamp(milliseconds: 1_000_000)),
        model: .init(version: "rank_1", retrievalVersion: "two_1", trainedAt: Timestamp(milliseconds: 990_000)))

    func readiness() async -> ReadinessReport { report }
}
