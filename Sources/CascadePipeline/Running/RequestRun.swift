import CascadeCore

/// One request from its arrival to its answer: what is fixed at its start, and the recorder of its component runs.
struct RequestRun: Sendable {
    let request: RecommendRequest
    let requestID: String
    let traceID: String?
    let recommendationID: String
    let now: Timestamp
    let started: UInt64
    let deadline: UInt64
    let size: Int
    let seed: UInt64
    let recorder: StageRecorder

    init(
        request: RecommendRequest, context: RequestContext, settings: PipelineSettings,
        environment: PipelineEnvironment, metrics: PipelineMetrics
    ) {
        let clock = environment.clock
        self.request = request
        requestID = context.requestID
        traceID = context.traceID
        now = clock.now()
        recommendationID = environment.identifier(now)
        started = clock.nanoseconds()
        let own = Duration.milliseconds(settings.timeoutMilliseconds)
        deadline = started + min(own, context.timeout ?? own).clampedNanoseconds
        size = request.limit ?? settings.resultSize.default
        seed = request.seed ?? StableHash.hash(context.requestID)
        recorder = StageRecorder(clock: clock, metrics: metrics)
    }
}
