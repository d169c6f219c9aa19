import CascadeCore

/// What a request has tried so far to fill its slate.
struct Progress: Sendable {
    var plan: RefillPlan
    /// Counts the passes through the stages, from 0.
    var round = 0
    /// Sources that failed, were late or have no more.
    var spent: Set<String> = []
    var retrievalLate = false
    var retrievalFailed = false
    var scorerFailed = false
    var catalogFailed = false
    /// Items of the catalog that filters turned down before they became candidates.
    var rejected: [String: Int] = [:]
    /// How many items the next walk through the catalog brings at least.
    var catalogLimit = 64

    init(plan: RefillPlan) { self.plan = plan }

    /// Takes in what a pass brought and moves the plan on.
    mutating func advance(_ answers: [SourceAnswer], missing: Int, hasTime: Bool) {
        let step = plan.step
        for answer in answers {
            if !answer.hasMore { spent.insert(answer.source) }
            if answer.source == CatalogSource.key {
                catalogFailed = answer.state == .failed
                // A walk starts anew each time, so the last one has counted everything.
                rejected = answer.rejected
            }
        }
        noteRetrieval(answers)
        if step == .catalog || step == .catalogWithoutCaps { catalogLimit *= 2 }
        let more = answers.contains { $0.hasMore }
        let brought = answers.reduce(0) { $0 + $1.rows.count }
        plan.advance(
            after: RefillPlan.Outcome(missing: missing, brought: brought, sourcesHaveMore: more, timeLeft: hasTime))
        round += 1
    }

    /// Retrieval is missing where a source that searches by the user's vectors failed or was late, and no other of them
    /// stood in for it.
    private mutating func noteRetrieval(_ answers: [SourceAnswer]) {
        let states = answers.filter { [TwoTowerSource.key, InterestsSource.key].contains($0.source) }.map(\.state)
        if states.contains(.answered) { return }
        retrievalLate = retrievalLate || states.contains(.late)
        retrievalFailed = retrievalFailed || states.contains(.failed)
    }
}

extension RecommendPipeline {
    /// Finds out about the user: what can be read side by side first, with what the request tells, then what builds on it.
    func hydrated(_ bare: PipelineQuery, _ run: RequestRun) async -> PipelineQuery {
        let started = run.recorder.clock.nanoseconds()
        var query = await patched(bare, stages.queryHydrators, run)
        query.addSession(limit: settings.historyLimit)
        run.recorder.addWall(.queryHydrator, since: started)
        let dependent = run.recorder.clock.nanoseconds()
        query = await patched(query, stages.dependentQueryHydrators, run)
        run.recorder.addWall(.dependentQueryHydrator, since: dependent)
        return query
    }

    private func patched(
        _ query: PipelineQuery, _ hydrators: [any QueryHydrator], _ run: RequestRun
    ) async -> PipelineQuery {
        let patches = await inParallel(hydrators) { await $0.run(query, run.recorder) }
        var result = query
        for patch in patches { patch.apply(to: &result) }
        return result
    }

    /// Asks for candidates as the step says; the answers come in the order of the settings.
    func fetch(
        _ step: RefillPlan.Step, _ query: PipelineQuery, _ board: CandidateBoard, _ slate: [Candidate],
        _ progress: Progress, _ run: RequestRun
    ) async -> [SourceAnswer] {
        let started = run.recorder.clock.nanoseconds()
        defer { run.recorder.addWall(.source, since: started) }
        var page = SourcePage(limit: 0)
        page.round = progress.round
        page.taken = board.taken
        page.knownRemoved = query.knownRemoved
        switch step {
        case .relax: return []
        case .sources(let round):
            let asked = stages.sources.filter { round == 0 || !progress.spent.contains($0.name) }
            return await inParallel(asked) { [page] source in
                var own = page
                own.limit = source.settings.limit << round
                return await source.run(query, own, run.recorder)
            }
        case .catalog, .catalogWithoutCaps:
            page.limit = max(progress.catalogLimit, 2 * (query.size - slate.count))
            page.filters = stages.filters
            if step == .catalog {
                var room = CapCounter(query.diversity)
                for candidate in slate { room.take(candidate) }
                page.fullCreators = room.fullCreators
                page.fullCategories = room.fullCategories
            }
            return [await stages.catalog.run(query, page, run.recorder)]
        }
    }

    /// Parts the new candidates into those that may be shown and those that may not.
    func filter(
        _ found: Range<Int>, _ query: PipelineQuery, _ board: inout CandidateBoard, _ round: Int, _ run: RequestRun
    ) {
        guard !found.isEmpty || round == 0 else { return }
        let started = run.recorder.clock.nanoseconds()
        var rows = board.rows(at: board.standingPlaces(in: found))
        for filter in stages.filters {
            let result = filter.run(query, rows: rows, round: round, run.recorder)
            board.remove(result.removed, by: filter.name, stage: .filter)
            rows = result.kept
        }
        run.recorder.addWall(.filter, since: started)
    }

    /// Adds to the new candidates what the selection goes by.
    func hydrate(
        _ found: Range<Int>, _ query: PipelineQuery, _ board: inout CandidateBoard, _ round: Int, _ run: RequestRun
    ) async {
        let places = board.standingPlaces(in: found)
        guard !places.isEmpty else { return }
        let started = run.recorder.clock.nanoseconds()
        let rows = board.rows(at: places)
        for hydrator in stages.hydrators {
            board.add(await hydrator.run(query, rows, round: round, run.recorder), at: places)
        }
        run.recorder.addWall(.hydrator, since: started)
    }

    /// Scores the new candidates; by the order of the sources once the scorer has failed or was late, and where the
    /// release has no ranker.
    func score(
        _ found: Range<Int>, _ query: PipelineQuery, _ board: inout CandidateBoard, _ progress: inout Progress,
        _ run: RequestRun
    ) async {
        let places = board.standingPlaces(in: found)
        guard !places.isEmpty else { return }
        let started = run.recorder.clock.nanoseconds()
        defer { run.recorder.addWall(.scorer, since: started) }
        if !progress.scorerFailed, !query.release.heads.isEmpty {
            let scorer = stages.scorer
            let columns = board.columns(at: places, sources: scorer.readsSources)
            switch await scorer.run(query, columns, round: progress.round, run.recorder) {
            case .scored(let scores): return board.add(scores, tier: scorer.tier, at: places)
            case .failed: run.recorder.note(.rankerError)
            case .late: run.recorder.note(.rankerTimeout)
            }
            progress.scorerFailed = true
        }
        let fallback = stages.fallbackScorer
        let columns = board.columns(at: places, sources: fallback.readsSources)
        let scores = await fallback.standIn(query, columns, round: progress.round, run.recorder)
        board.add(scores, tier: fallback.tier, at: places)
    }

    /// Chooses the slate among all candidates so far, and again while filters take items out of it.
    func select(
        _ query: PipelineQuery, _ board: inout CandidateBoard, _ progress: Progress, _ run: RequestRun
    ) async -> [Candidate] {
        await vetShortlist(query, &board, progress, run)
        while true {
            let started = run.recorder.clock.nanoseconds()
            let selector = query.exploration.isOn ? stages.selector : stages.plainSelector
            let selection = selector.run(
                query, board.standing, size: query.size, relaxed: progress.plan.isRelaxed, round: progress.round,
                run.recorder)
            board.adopt(selection.selected)
            board.adopt(selection.rest)
            run.recorder.addWall(.selector, since: started)
            var slate = selection.selected
            for filter in stages.postSelectionFilters {
                let before = run.recorder.clock.nanoseconds()
                let removed = await filter.run(query, slate, round: progress.round, run.recorder)
                board.remove(removed, by: filter.name, stage: .postSelectionFilter)
                slate.removeAll { removed.contains($0.row) }
                run.recorder.addWall(.postSelectionFilter, since: before)
            }
            let hasTime = query.remaining(run.recorder.clock, for: .selector) > .zero
            if slate.count == selection.selected.count || selection.rest.isEmpty || !hasTime { return slate }
        }
    }

    /// Has what chance may take looked at before it is drawn, until the filters take nothing more out of it.
    private func vetShortlist(
        _ query: PipelineQuery, _ board: inout CandidateBoard, _ progress: Progress, _ run: RequestRun
    ) async {
        guard query.exploration.isOn else { return }
        var vetted: Set<Int32> = []
        while query.remaining(run.recorder.clock, for: .selector) > .zero {
            let shortlist = stages.selector.shortlist(board.standing, for: query)
            let fresh = shortlist.filter { !vetted.contains($0.row) }
            if fresh.isEmpty { return }
            vetted.formUnion(fresh.map(\.row))
            for filter in stages.postSelectionFilters {
                let before = run.recorder.clock.nanoseconds()
                let removed = await filter.run(query, fresh, round: progress.round, run.recorder)
                board.remove(removed, by: filter.name, stage: .postSelectionFilter)
                run.recorder.addWall(.postSelectionFilter, since: before)
            }
        }
    }

    /// What the catalog knows of the slate's items, where the request asks for it.
    func attributes(of slate: [Candidate], _ query: PipelineQuery, _ run: RequestRun) async -> [ItemID: Item] {
        let ids = slate.map { query.catalog.itemID($0.row) }
        if stages.postSelectionHydrators.isEmpty, query.request.include.contains(.attributes) {
            run.recorder.note(.attributesUnavailable)
        }
        let started = run.recorder.clock.nanoseconds()
        var items: [ItemID: Item] = [:]
        for hydrator in stages.postSelectionHydrators {
            items.merge(await hydrator.run(query, ids, run.recorder)) { first, _ in first }
        }
        run.recorder.addWall(.postSelectionHydrator, since: started)
        return items
    }

    /// Runs the same for every element side by side; results come in the order of the elements.
    private func inParallel<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async -> Result
    ) async -> [Result] {
        await withTaskGroup(of: (Int, Result).self) { group in
            for (index, element) in elements.enumerated() {
                group.addTask { (index, await body(element)) }
            }
            var results: [(Int, Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
