import CascadeCore
import CascadeObservability

extension RecommendPipeline: Ranking {
    /// The name of these requests in log lines, traces and metrics.
    static var rankName: String { "rank" }
    /// The name of what stands for a source: the caller, who brought the items.
    private static var caller: String { "caller" }

    package func rank(
        _ request: RankRequest, context: RequestContext
    ) async throws(PipelineError) -> RankResponse {
        let problems = request.problems()
        guard problems.isEmpty else {
            rankMetrics.countRanking("error")
            throw .invalidRequest(problems)
        }
        let run = RequestRun(
            request: request.asRecommendation, context: context, settings: settings, environment: environment,
            metrics: rankMetrics)
        guard let release = environment.release() else { return rankWithoutRelease(request, run) }
        // A caller's list comes back in the order of its scores.
        var plain = settings
        plain.exploration = ExplorationSettings()
        let query = await hydrated(PipelineQuery(run: run, release: release, settings: plain), run)
        try checkRankCancelled()

        var board = CandidateBoard()
        var progress = Progress(plan: RefillPlan(rounds: 0, capped: false))
        let found = board.merge([Self.brought(request.itemIDs, query.catalog)])
        filter(found, query, &board, progress.round, run)
        await hydrate(found, query, &board, progress.round, run)
        await score(found, query, &board, &progress, run)
        let slate = await select(query, &board, progress, run)
        try checkRankCancelled()

        let items = await attributes(of: slate, query, run)
        let outcome = outcome(query, board, slate, progress, run, cause: nil)
        rankMetrics.countRanking(outcome.fallback == nil ? "ok" : "fallback")
        record(outcome, run, as: Self.rankName, effects: stages.rankSideEffects)
        return RankResponse(
            recommendationID: query.recommendationID, userID: request.userID, releaseID: release.stamp.releaseID,
            generatedAt: query.now, items: Self.ranked(request, outcome, items),
            fallback: .init(reason: outcome.fallback), degraded: outcome.degraded,
            timingsMS: .init(total: outcome.latencyMS, rank: run.recorder.wall(of: .scorer)),
            trace: request.debug ? outcome.trace(pipeline: Self.rankName) : nil)
    }

    /// The caller's list as a source brings one: what the release knows, in the caller's order.
    private static func brought(_ items: [ItemID], _ catalog: any CatalogView) -> SourceAnswer {
        var answer = SourceAnswer(source: caller)
        answer.rows = items.compactMap { item in catalog.row(of: item).map { ScoredRow(row: $0, score: 0) } }
        return answer
    }

    private static func ranked(
        _ request: RankRequest, _ outcome: PipelineOutcome, _ attributes: [ItemID: Item]
    ) -> [RankedItem] {
        let query = outcome.query
        let include = request.debug ? RankRequest.includable : request.include
        var items: [RankedItem] = outcome.slate.map { candidate in
            let id = query.catalog.itemID(candidate.row)
            let isRanked = candidate.tier == .ranked
            var item = RankedItem(itemID: id, position: 0, status: isRanked ? .ranked : .unranked)
            if include.contains(.scores), isRanked {
                item.score = candidate.final.isFinite ? candidate.final : nil
                item.heads = outcome.heads(of: candidate)
            }
            if include.contains(.attributes) { item.attributes = attributes[id] }
            return item
        }
        items += outcome.board.candidates.compactMap { candidate in
            candidate.removal.map {
                RankedItem(
                    itemID: query.catalog.itemID(candidate.row), position: 0, status: .removed, removedBy: $0.by)
            }
        }
        items += request.itemIDs.filter { query.catalog.row(of: $0) == nil }.map {
            RankedItem(itemID: $0, position: 0, status: .unknownItem)
        }
        for index in items.indices { items[index].position = index }
        return items
    }

    /// The caller's order, which the answer says nothing has changed.
    private func rankWithoutRelease(_ request: RankRequest, _ run: RequestRun) -> RankResponse {
        rankMetrics.countRanking("fallback")
        let latency = run.recorder.clock.milliseconds(since: run.started)
        var fields = RequestFields(
            requestID: run.requestID, recommendationID: run.recommendationID, pipeline: Self.rankName)
        fields.traceID = run.traceID
        fields.userIDHash = run.request.userID.map { environment.userHash($0) }
        var line = SummaryLine()
        line.requested = run.size
        line.selectedCount = run.size
        line.returnedCount = run.size
        line.fallback = FallbackReason.noActiveRelease.rawValue
        line.latencyMS = latency
        StageLog(logger: environment.logger).summary(line, of: fields)
        return RankResponse(
            recommendationID: run.recommendationID, userID: request.userID, releaseID: nil, generatedAt: run.now,
            items: request.itemIDs.enumerated().map { RankedItem(itemID: $1, position: $0, status: .unranked) },
            fallback: .init(reason: .noActiveRelease), degraded: [], timingsMS: .init(total: latency))
    }

    private func checkRankCancelled() throws(PipelineError) {
        guard Task.isCancelled else { return }
        rankMetrics.countRanking("error")
        throw .cancelled
    }
}
