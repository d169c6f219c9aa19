import CascadeCore
import CascadeObservability

extension RecommendPipeline {
    /// Sums a request up.
    func outcome(
        _ query: PipelineQuery, _ board: CandidateBoard, _ slate: [Candidate], _ progress: Progress, _ run: RequestRun,
        cause: UnderfillCause?
    ) -> PipelineOutcome {
        if progress.plan.isRelaxed, !slate.isEmpty, exceedsCaps(slate, query.diversity) {
            run.recorder.note(.capsRelaxed)
        }
        return PipelineOutcome(
            query: query, board: board, slate: slate, fallback: fallback(query, progress),
            underfillCause: cause, refills: progress.plan.refills,
            latencyMS: run.recorder.clock.milliseconds(since: run.started), reports: run.recorder.reports,
            degraded: run.recorder.degraded,
            weights: Dictionary(query.factors.map { ($0.name, $0.weight) }, uniquingKeysWith: { first, _ in first }))
    }

    private func exceedsCaps(_ slate: [Candidate], _ diversity: DiversitySettings) -> Bool {
        var room = CapCounter(diversity)
        for candidate in slate {
            guard room.admits(candidate) else { return true }
            room.take(candidate)
        }
        return false
    }

    private func fallback(_ query: PipelineQuery, _ progress: Progress) -> FallbackReason? {
        if let reason = query.coldStart { return reason }
        if progress.retrievalLate { return .retrievalTimeout }
        if progress.retrievalFailed { return .retrievalError }
        return progress.scorerFailed ? .rankerError : nil
    }

    /// Why the slate is short; nil for a full one.
    func underfillCause(
        _ query: PipelineQuery, _ board: CandidateBoard, _ slate: [Candidate], _ progress: Progress
    ) -> UnderfillCause? {
        guard slate.count < query.size else { return nil }
        if progress.plan.ranOutOfTime { return .deadline }
        if progress.catalogFailed { return .sourceErrors }
        let removed = board.removedPerFilter.merging(progress.rejected, uniquingKeysWith: +)
        let requested = stages.filters.contains { $0.isRequested && removed[$0.name, default: 0] > 0 }
        return requested ? .filters : .catalogExhausted
    }

    /// Logs a finished request under the name of a pipeline and hands it to the side effects.
    func record(
        _ outcome: PipelineOutcome, _ run: RequestRun, as pipeline: String, effects: [any SideEffect]
    ) {
        for effect in effects { effect.run(outcome, run.recorder) }
        let log = StageLog(logger: environment.logger)
        var fields = requestFields(outcome, pipeline)
        fields.traceID = run.traceID
        let sampled = isSampled(outcome.query)
        if log.writesStages(sampled: sampled) {
            for report in run.recorder.reports { log.stage(StageLine(report), of: fields, sampled: sampled) }
        }
        var line = SummaryLine(outcome, walls: run.recorder.walls)
        line.experiment = run.experiment
        log.summary(line, of: fields)
    }

    private func isSampled(_ query: PipelineQuery) -> Bool {
        if query.request.debug { return true }
        if let user = query.request.userID, settings.debugUserIDs.contains(user.rawValue) { return true }
        return Sampling.takes(seed: query.seed, rate: settings.stageSampleRate, purpose: 1)
    }

    private func requestFields(_ outcome: PipelineOutcome, _ pipeline: String) -> RequestFields {
        let query = outcome.query
        let stamp = query.release.stamp
        var fields = RequestFields(
            requestID: query.requestID, recommendationID: query.recommendationID, pipeline: pipeline)
        fields.userIDHash = query.request.userID.map { environment.userHash($0) }
        fields.releaseID = stamp.releaseID
        fields.modelVersion = stamp.rankerVersion
        fields.indexVersion = stamp.indexVersion
        fields.configHash = stamp.configHash
        fields.factorsVersion = query.release.headFactors?.version
        return fields
    }

    /// The answer of a finished request.
    func response(_ outcome: PipelineOutcome, _ items: [ItemID: Item], _ run: RequestRun) -> RecommendResponse {
        let query = outcome.query
        return RecommendResponse(
            recommendationID: query.recommendationID, userID: query.request.userID,
            releaseID: query.release.stamp.releaseID, generatedAt: query.now,
            items: SlateItems(outcome: outcome, sources: stages.sources + [stages.catalog], items: items).answered(),
            fallback: .init(reason: outcome.fallback),
            underfilled: .init(
                requested: query.size, returned: outcome.slate.count, cause: outcome.underfillCause),
            degraded: outcome.degraded,
            timingsMS: .init(
                total: outcome.latencyMS, retrieve: run.recorder.wall(of: .source),
                rank: run.recorder.wall(of: .scorer)),
            experiment: run.experiments.byName,
            trace: query.request.debug ? outcome.trace(pipeline: settings.name) : nil)
    }
}

extension StageLine {
    fileprivate init(_ report: StageReport) {
        self.init(stage: report.stage.rawValue, component: report.component, seq: report.seq)
        round = report.round
        enabled = report.enabled
        inputCount = report.inputCount
        keptCount = report.keptCount
        removedCount = report.removedCount
        candidateCount = report.candidateCount
        selectedCount = report.selectedCount
        nonSelectedCount = report.nonSelectedCount
        latencyMS = report.latencyMS
        timedOut = report.timedOut
        interests = report.interests?.map {
            InterestLine(
                cluster: $0.cluster, name: $0.name, probability: $0.probability, quota: $0.quota, found: $0.found,
                because: $0.because)
        }
        note = report.note
        error = report.error
    }
}

extension SummaryLine {
    fileprivate init(_ outcome: PipelineOutcome, walls: [StageKind: Double]) {
        self.init()
        retrievedCount = outcome.board.candidates.count
        removedPerFilter = outcome.board.removedPerFilter
        filteredCount = removedPerFilter.values.reduce(0, +)
        selectedCount = outcome.slate.count
        returnedCount = outcome.slate.count
        requested = outcome.query.size
        underfillCause = outcome.underfillCause?.rawValue
        fallback = outcome.fallback?.rawValue
        degraded = outcome.degraded.map(\.rawValue)
        perSource = outcome.board.perSource
        servedPerSource = outcome.servedPerSource
        disabled = outcome.disabled
        latencyMS = outcome.latencyMS
        stageLatencyMS = Dictionary(
            walls.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
