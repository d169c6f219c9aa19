package import CascadeCore
package import CascadeObservability
package import CascadePipeline
package import Logging
import ServiceLifecycle
import Synchronization

/// Answers requests as a pipeline does, and has a share of them answered again by the shadow release: behind the answers, one at
/// a time, compared in the log and counted, and never shown.
///
/// A request that comes while too many wait is not compared, so a slow shadow delays nobody.
package final class ShadowRunner: Recommending, Service {
    /// A request that was answered.
    private struct Answered: Sendable {
        let request: RecommendRequest
        let context: RequestContext
        let response: RecommendResponse
    }

    /// Requests that may wait to be compared.
    private static let waiting = 16

    private let pipeline: any Recommending
    private let shadow: any Recommending
    private let release: @Sendable () -> Release?
    private let logger: Logger
    private let results: MetricFamily<Counter>
    private let overlaps: MetricFamily<Histogram>
    private let durations: MetricFamily<Histogram>
    private let stream: AsyncStream<Answered>
    private let continuation: AsyncStream<Answered>.Continuation

    /// - Parameters:
    ///   - pipeline: what answers.
    ///   - shadow: the same over the shadow release; it should record nothing.
    ///   - release: the shadow release that is loaded; nil for none.
    package init(
        pipeline: any Recommending, shadow: any Recommending, metrics: MetricRegistry, logger: Logger,
        release: @escaping @Sendable () -> Release?
    ) {
        self.pipeline = pipeline
        self.shadow = shadow
        self.release = release
        self.logger = logger
        results = metrics.counter(Metrics.shadowRequests)
        overlaps = metrics.histogram(Metrics.shadowOverlap)
        durations = metrics.histogram(Metrics.shadowDuration)
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    package var settings: PipelineSettings { pipeline.settings }

    package func components() -> [ComponentDescription] { pipeline.components() }

    package func recommend(
        _ request: RecommendRequest, context: RequestContext
    ) async throws(PipelineError) -> RecommendResponse {
        // Asked for by its name, to look at it; nothing of that is counted or traced.
        if let wanted = request.releaseID, wanted == release()?.id {
            return try await shadow.recommend(request, context: context)
        }
        let response = try await pipeline.recommend(request, context: context)
        // One that says itself what answers, or what heads count for, compares nothing.
        guard request.releaseID == nil, request.weights.isEmpty, let share = release()?.shadowShare,
            share >= 1 || Double.random(in: 0..<1) < share
        else {
            return response
        }
        if case .dropped = continuation.yield(Answered(request: request, context: context, response: response)) {
            results.with("dropped").add()
        }
        return response
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await compareAll()
        } onGracefulShutdown: { [continuation] in
            continuation.finish()
        }
    }

    /// Takes no more, and compares those that wait.
    func drain() async {
        continuation.finish()
        await compareAll()
    }

    private func compareAll() async {
        for await answered in stream { await compare(answered) }
    }

    private func compare(_ answered: Answered) async {
        // It may have ended, or become the active one, since the request was taken.
        guard let id = release()?.id, id != answered.response.releaseID else { return }
        var request = answered.request
        request.debug = false
        let fields: Logger.Metadata = [
            "request_id": "\(answered.context.requestID)",
            "recommendation_id": "\(answered.response.recommendationID)",
            "release_id": "\(answered.response.releaseID ?? "none")", "shadow_release_id": "\(id)",
        ]
        do {
            // The same identifier makes the same random choices.
            let response = try await shadow.recommend(
                request, context: RequestContext(requestID: answered.context.requestID))
            guard response.releaseID == id else { return }
            record(ShadowComparison(shown: answered.response, shadow: response), answered, response, fields)
        } catch {
            results.with("failed").add()
            logger.warning("shadow_failed", metadata: fields.merging(["error": "\(error)"]) { first, _ in first })
        }
    }

    private func record(
        _ comparison: ShadowComparison, _ answered: Answered, _ response: RecommendResponse,
        _ fields: Logger.Metadata
    ) {
        results.with("compared").add()
        overlaps.with([]).observe(comparison.overlap)
        durations.with([]).observe(response.timingsMS.total / 1000)
        var line = fields.merging(comparison.metadata) { first, _ in first }
        line["latency_ms"] = .stringConvertible(answered.response.timingsMS.total)
        line["shadow_latency_ms"] = .stringConvertible(response.timingsMS.total)
        if let reason = response.fallback.reason { line["shadow_fallback"] = "\(reason.rawValue)" }
        if !response.degraded.isEmpty {
            line["shadow_degraded"] = .array(response.degraded.map { "\($0.rawValue)" })
        }
        logger.info("shadow_compared", metadata: line)
    }
}
