import CascadeCore

/// One request from its arrival to its answer: what is fixed at its start, and the recorder of its component runs.
struct RequestRun: Sendable {
    let request: RecommendRequest
    let requestID: String
    let traceID: String?
    let recommendationID: String
    let now: Timestamp
    let started: UInt64
    let shares: TimeShares
    let size: Int
    let seed: UInt64
    let recorder: StageRecorder
    /// The arms of A/B tests that serve it.
    let experiments: [ExperimentArm]

    init(
        request: RecommendRequest, context: RequestContext, settings: PipelineSettings,
        environment: PipelineEnvironment, metrics: PipelineMetrics
    ) {
        let clock = environment.clock
        self.request = request
        requestID = context.requestID
        traceID = context.traceID
        now = clock.now()
        experiments = context.experiments
        recommendationID = environment.identifier(now) + context.experiments.map(\.mark).joined()
        started = clock.nanoseconds()
        let own = Duration.milliseconds(settings.timeoutMilliseconds)
        shares = TimeShares(from: started, min(own, context.timeout ?? own))
        size = request.limit ?? settings.resultSize.default
        seed = request.seed ?? StableHash.hash(context.requestID)
        recorder = StageRecorder(clock: clock, metrics: metrics)
    }

    /// The arms for a log line, such as `more_likes=b`; nil without one.
    var experiment: String? {
        experiments.isEmpty ? nil : experiments.map { "\($0.experiment)=\($0.arm)" }.joined(separator: ",")
    }
}

extension [ExperimentArm] {
    /// The arm of each test; nil without one.
    var byName: [String: String]? {
        isEmpty ? nil : Dictionary(map { ($0.experiment, $0.arm) }, uniquingKeysWith: { first, _ in first })
    }
}
