/// The components of a pipeline by stage, made from its settings and its environment.
struct PipelineStages: Sendable {
    let queryHydrators: [any QueryHydrator]
    let dependentQueryHydrators: [any DependentQueryHydrator]
    let sources: [any Source]
    /// Goes through the whole catalog when the sources do not fill a slate.
    let catalog: any Source
    let filters: [any Filter]
    let hydrators: [any Hydrator]
    let scorer: any Scorer
    /// Scores when `scorer` fails or is late.
    let fallbackScorer: any Scorer
    let selector: any Selector
    /// Selects where nothing is to be left to chance.
    let plainSelector: any Selector = DiverseTopKSelector()
    let postSelectionHydrators: [any PostSelectionHydrator]
    let postSelectionFilters: [any PostSelectionFilter]
    let sideEffects: [any SideEffect]
    /// The same for lists of callers.
    let rankSideEffects: [any SideEffect]

    init(settings: PipelineSettings, environment: PipelineEnvironment) throws(PipelineError) {
        let problems = settings.problems()
        guard problems.isEmpty, let scorer = ComponentRegistry.scorers[settings.scorer] else {
            throw .invalidSettings(problems)
        }
        let wait = Duration.milliseconds(settings.hydrateTimeoutMilliseconds)
        let memory = environment.memory ?? UserMemory(limit: settings.rememberedSteps)
        queryHydrators = Self.queryHydrators(settings, environment, memory, wait)
        dependentQueryHydrators = Self.dependentQueryHydrators(settings, environment, memory, wait)
        sources = settings.sources.compactMap { ComponentRegistry.sources[$0.name]?($0, environment) }
        catalog = CatalogSource(
            settings: SourceSettings(
                name: CatalogSource.key, limit: settings.resultSize.max,
                timeoutMilliseconds: settings.timeoutMilliseconds),
            pool: environment.pool)
        // No setting names the last: that pages hold nothing twice is what they are for.
        filters = settings.filters.compactMap { ComponentRegistry.filters[$0]?() } + [EarlierPagesFilter()]
        hydrators = [CatalogHydrator(), RecentCountersHydrator(timeout: wait, clock: environment.clock)]
        self.scorer = scorer(settings, environment)
        fallbackScorer = ComponentRegistry.sourceOrder(settings, tier: .sourceOrder)
        selector =
            settings.exploration.isOn
            ? ExploringTopKSelector(exploration: settings.exploration) : DiverseTopKSelector()
        postSelectionHydrators = environment.items.map { [AttributesHydrator(timeout: wait, items: $0)] } ?? []
        postSelectionFilters = environment.liveState.map { [LiveStateFilter(timeout: wait, states: $0)] } ?? []
        sideEffects = Self.sideEffects(settings, environment, pipeline: settings.name)
        rankSideEffects = Self.sideEffects(settings, environment, pipeline: RecommendPipeline.rankName)
    }

    private static func sideEffects(
        _ settings: PipelineSettings, _ environment: PipelineEnvironment, pipeline: String
    ) -> [any SideEffect] {
        guard let sink = environment.traces else { return [] }
        return [
            TraceSideEffect(
                pipeline: pipeline, sampleRate: settings.traceSampleRate, debugUserIDs: Set(settings.debugUserIDs),
                sink: sink)
        ]
    }

    private static func queryHydrators(
        _ settings: PipelineSettings, _ environment: PipelineEnvironment, _ memory: UserMemory, _ wait: Duration
    ) -> [any QueryHydrator] {
        var hydrators: [any QueryHydrator] = []
        if let users = environment.users { hydrators.append(UserHydrator(timeout: wait, users: users)) }
        if let follows = environment.follows,
            settings.sources.contains(where: { $0.name == FollowedCreatorsSource.key })
        {
            hydrators.append(FollowsHydrator(timeout: wait, follows: follows))
        }
        guard let histories = environment.histories else { return hydrators }
        hydrators.append(
            HistoryHydrator(timeout: wait, limit: settings.historyLimit, histories: histories, memory: memory))
        hydrators.append(HiddenItemsHydrator(timeout: wait, histories: histories, memory: memory))
        return hydrators
    }

    private static func dependentQueryHydrators(
        _ settings: PipelineSettings, _ environment: PipelineEnvironment, _ memory: UserMemory, _ wait: Duration
    ) -> [any DependentQueryHydrator] {
        var hydrators: [any DependentQueryHydrator] = [
            UserEncodingHydrator(
                timeout: .milliseconds(settings.encodeTimeoutMilliseconds), pool: environment.pool)
        ]
        if settings.filters.contains(SeenFilter.key), let histories = environment.histories {
            hydrators.append(
                SeenHydrator(
                    timeout: wait, limit: settings.seenLimit, histories: histories, memory: memory,
                    pool: environment.pool))
        }
        return hydrators
    }

    /// Every component, in the order of the stages.
    var all: [any Component] {
        let beginning: [any Component] = queryHydrators + dependentQueryHydrators + sources + [catalog]
        let middle: [any Component] = filters + hydrators + [scorer, fallbackScorer, selector]
        return beginning + middle + postSelectionFilters + postSelectionHydrators + sideEffects
    }

    /// Every component as `GET /v1/pipeline` shows it; sources and filters that are known but not set up come disabled.
    func descriptions(_ settings: PipelineSettings) -> [ComponentDescription] {
        var descriptions = all.map { component in
            if component is ExploringTopKSelector {
                let exploration = settings.exploration
                return component.description([
                    "temperature": "\(exploration.temperature)", "epsilon": "\(exploration.epsilon)",
                    "top": "\(exploration.top)",
                ])
            }
            guard let source = component as? any Source else { return component.description() }
            return source.description([
                "limit": "\(source.settings.limit)", "timeout_ms": "\(source.settings.timeoutMilliseconds)",
            ])
        }
        for name in ComponentRegistry.sources.keys.sorted() where !sources.contains(where: { $0.name == name }) {
            descriptions.append(ComponentDescription(stage: .source, name: name, enabled: false))
        }
        for name in ComponentRegistry.filters.keys.sorted() where !settings.filters.contains(name) {
            descriptions.append(ComponentDescription(stage: .filter, name: name, enabled: false))
        }
        return descriptions
    }
}
