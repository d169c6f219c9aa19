import CascadeCore
import CascadeObservability

extension RecommendPipeline {
    /// Answers while no release is active: items of the store where a port gives them, else honestly nothing.
    func answerWithoutRelease(_ run: RequestRun) async -> RecommendResponse {
        let clock = run.recorder.clock
        var seen = await seenItems(run)
        if run.request.filters.excludeSeen { seen.formUnion(run.request.events.map(\.itemID)) }
        let unwanted = seen.count + run.request.filters.excludeItemIDs.count + run.request.shownBefore.count
        let limit = min(run.size + unwanted, 10_000) + 100
        let shown = Set(run.request.shownBefore)
        var items: [Item] = []
        var cause = UnderfillCause.catalogExhausted
        if let reader = environment.items {
            switch await withDeadline(remaining(run), clock, { try await reader.fallbackItems(limit: limit) }) {
            case .value(let found):
                items = found.filter { !seen.contains($0.id) && !shown.contains($0.id) && isAllowed($0, run) }
                if found.count > items.count, run.request.filters.restricts { cause = .filters }
            case .failed:
                run.recorder.note(.sourceError)
                cause = .sourceErrors
            case .late:
                run.recorder.note(.sourceTimeout)
                cause = .deadline
            }
        }
        let slate = Array(items.prefix(run.size))
        let missing = slate.count < run.size ? cause : nil
        countWithoutRelease(slate.count, missing, run)
        return RecommendResponse(
            recommendationID: run.recommendationID, userID: run.request.userID, releaseID: nil, generatedAt: run.now,
            items: slate.enumerated().map { answered($1, at: $0, run) }, fallback: .init(reason: .noActiveRelease),
            underfilled: .init(requested: run.size, returned: slate.count, cause: missing),
            degraded: run.recorder.degraded,
            timingsMS: .init(total: clock.milliseconds(since: run.started)), experiment: run.experiments.byName)
    }

    private func remaining(_ run: RequestRun) -> Duration {
        let now = run.recorder.clock.nanoseconds()
        return now < run.shares.slate ? .nanoseconds(Int64(clamping: run.shares.slate - now)) : .zero
    }

    /// What the user must not be shown: hidden items, and seen ones unless the request allows them.
    private func seenItems(_ run: RequestRun) async -> Set<ItemID> {
        guard let user = run.request.userID, let histories = environment.histories else { return [] }
        let wait = min(.milliseconds(settings.hydrateTimeoutMilliseconds), remaining(run))
        let excludesSeen = run.request.filters.excludeSeen
        let seenLimit = settings.seenLimit
        let outcome = await withDeadline(wait, run.recorder.clock) {
            let hidden = try await histories.hiddenItems(of: user, limit: HiddenItemsHydrator.limit)
            let seen = excludesSeen ? try await histories.seenItems(of: user, limit: seenLimit) : []
            return Set(hidden + seen)
        }
        if case .value(let items) = outcome { return items }
        run.recorder.note(.seenUnavailable)
        return []
    }

    private func isAllowed(_ item: Item, _ run: RequestRun) -> Bool {
        let filters = run.request.filters
        if item.hidden || filters.excludeItemIDs.contains(item.id) { return false }
        if !filters.categoriesAny.isEmpty, !item.categories.contains(where: filters.categoriesAny.contains) {
            return false
        }
        guard let limit = filters.maxAgeSeconds else { return true }
        guard let created = item.createdAt else { return false }
        return run.now.seconds - created.seconds <= limit
    }

    private func answered(_ item: Item, at position: Int, _ run: RequestRun) -> RecommendedItem {
        let include = run.request.include
        return RecommendedItem(
            itemID: item.id, position: position, reasons: include.contains(.reasons) ? [.fallbackPopular] : nil,
            attributes: include.contains(.attributes) ? item : nil)
    }

    private func countWithoutRelease(_ returned: Int, _ cause: UnderfillCause?, _ run: RequestRun) {
        metrics.count(result: cause == nil ? "fallback" : "underfilled", fallback: .noActiveRelease, cause: cause)
        var fields = RequestFields(
            requestID: run.requestID, recommendationID: run.recommendationID, pipeline: settings.name)
        fields.traceID = run.traceID
        fields.userIDHash = run.request.userID.map { environment.userHash($0) }
        var line = SummaryLine()
        line.requested = run.size
        line.selectedCount = returned
        line.returnedCount = returned
        line.underfillCause = cause?.rawValue
        line.fallback = FallbackReason.noActiveRelease.rawValue
        line.degraded = run.recorder.degraded.map(\.rawValue)
        line.experiment = run.experiment
        line.latencyMS = run.recorder.clock.milliseconds(since: run.started)
        StageLog(logger: environment.logger).summary(line, of: fields)
    }
}

extension RecommendRequest.Filters {
    /// Whether the request itself narrows what may be shown.
    fileprivate var restricts: Bool { !categoriesAny.isEmpty || !excludeItemIDs.isEmpty || maxAgeSeconds != nil }
}
