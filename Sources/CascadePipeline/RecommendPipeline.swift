import CascadeCore
import CascadeObservability

/// Makes slates. `recommend` is the whole path of a request, stage by stage; nothing else schedules anything.
///
/// ```
/// query ─► hydrate ─► sources ─► merge ─► filter ─► hydrate ─► score ─► select ─► filter again ─► record
///          user,      in         each     hidden,   creator,   heads,   top-K,    live state
///          history,   parallel,  item     seen,     category   weighted caps
///          seen       each with  once     excluded             sum
///                     its time      ▲                                            │
///                                   └──── more candidates while the slate is short ┘
/// ```
///
/// Whatever fails or is late is left out, and the answer says so; only a request that is wrong, or given up by its
/// caller, gets no answer.
package struct RecommendPipeline: Recommending {
    package let settings: PipelineSettings
    let environment: PipelineEnvironment
    let stages: PipelineStages
    let metrics: PipelineMetrics
    /// Of the lists of callers, which go through some of the same stages.
    let rankMetrics: PipelineMetrics

    /// Sets a pipeline up.
    ///
    /// - Throws: `PipelineError.invalidSettings` with everything that is wrong with the settings.
    package init(settings: PipelineSettings, environment: PipelineEnvironment) throws(PipelineError) {
        self.settings = settings
        self.environment = environment
        stages = try PipelineStages(settings: settings, environment: environment)
        metrics = PipelineMetrics(
            registry: environment.metrics, pipeline: settings.name, components: stages.all)
        rankMetrics = PipelineMetrics(
            registry: environment.metrics, pipeline: Self.rankName,
            components: stages.all.filter { !($0 is any Source) })
    }

    package func recommend(
        _ request: RecommendRequest, context: RequestContext
    ) async throws(PipelineError) -> RecommendResponse {
        let run = try begin(request, context)
        let served = environment.release()
        try check(request, by: served)
        guard let release = served else { return await answerWithoutRelease(run) }
        let query = await hydrated(PipelineQuery(run: run, release: release, settings: settings), run)

        var board = CandidateBoard()
        var slate: [Candidate] = []
        var progress = Progress(plan: RefillPlan(rounds: settings.refillRounds, capped: query.diversity.isCapped))
        while let step = progress.plan.step {
            try checkCancelled()
            let answers = await fetch(step, query, board, slate, progress, run)
            let found = board.merge(answers)
            filter(found, query, &board, progress.round, run)
            await hydrate(found, query, &board, progress.round, run)
            await score(found, query, &board, &progress, run)
            slate = await select(query, &board, progress, run)
            progress.advance(
                answers, missing: query.size - slate.count,
                hasTime: query.remaining(run.recorder.clock, for: .source) > .zero)
        }
        try checkCancelled()

        let items = await attributes(of: slate, query, run)
        let cause = underfillCause(query, board, slate, progress)
        let outcome = outcome(query, board, slate, progress, run, cause: cause)
        metrics.count(outcome)
        record(outcome, run, as: settings.name, effects: stages.sideEffects)
        return response(outcome, items, run)
    }

    package func components() -> [ComponentDescription] { stages.descriptions(settings) }

    private func begin(
        _ request: RecommendRequest, _ context: RequestContext
    ) throws(PipelineError) -> RequestRun {
        let problems = request.problems(under: settings)
        guard problems.isEmpty else {
            metrics.countFailure()
            throw .invalidRequest(problems)
        }
        return RequestRun(
            request: request, context: context, settings: settings, environment: environment, metrics: metrics)
    }

    /// Whether the release that is served is the one that is asked for, and has the heads that are weighed.
    private func check(_ request: RecommendRequest, by release: (any ReleaseView)?) throws(PipelineError) {
        var error: PipelineError?
        if let wanted = request.releaseID, wanted != release?.stamp.releaseID {
            error = .notServed(release: wanted, served: release?.stamp.releaseID)
        } else if let release {
            let known = release.heads.map(\.name)
            error = request.weights.keys.sorted().first { !known.contains($0) }.map { .unknownHead($0, known: known) }
        }
        guard let error else { return }
        metrics.countFailure()
        throw error
    }

    private func checkCancelled() throws(PipelineError) {
        guard Task.isCancelled else { return }
        metrics.countFailure()
        throw .cancelled
    }
}
