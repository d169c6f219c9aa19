/// Every component that settings can name. A new source, filter or scorer is one file and one line here.
enum ComponentRegistry {
    static let sources: [String: @Sendable (SourceSettings, PipelineEnvironment) -> any Source] = [
        TwoTowerSource.key: { TwoTowerSource(settings: $0, pool: $1.pool) },
        InterestsSource.key: { InterestsSource(settings: $0, pool: $1.pool) },
        PopularSource.key: { settings, _ in PopularSource(settings: settings) },
        FreshSource.key: { settings, _ in FreshSource(settings: settings) },
        SimilarItemsSource.key: { SimilarItemsSource(settings: $0, pool: $1.pool) },
        NearestItemsSource.key: { NearestItemsSource(settings: $0, pool: $1.pool) },
        FollowedCreatorsSource.key: { settings, environment in
            FollowedCreatorsSource(settings: settings, pool: environment.pool)
        },
    ]

    static let filters: [String: @Sendable () -> any Filter] = [
        HiddenFilter.key: { HiddenFilter() },
        HiddenByUserFilter.key: { HiddenByUserFilter() },
        ExcludedFilter.key: { ExcludedFilter() },
        SeenFilter.key: { SeenFilter() },
        CategoriesFilter.key: { CategoriesFilter() },
        MaxAgeFilter.key: { MaxAgeFilter() },
    ]

    static let scorers: [String: @Sendable (PipelineSettings, PipelineEnvironment) -> any Scorer] = [
        RankerScorer.key: { settings, environment in
            RankerScorer(timeout: .milliseconds(settings.rankTimeoutMilliseconds), pool: environment.pool)
        },
        SourceOrderScorer.key: { settings, _ in sourceOrder(settings, tier: .ranked) },
    ]

    /// Filters that a pipeline may not go without: each keeps a promise of the API.
    static let requiredFilters = [
        HiddenFilter.key, HiddenByUserFilter.key, ExcludedFilter.key, CategoriesFilter.key, MaxAgeFilter.key,
    ]

    /// Scores by the order of the sources, in the given tier.
    static func sourceOrder(_ settings: PipelineSettings, tier: ScoreTier) -> SourceOrderScorer {
        let names = settings.sources.map(\.name) + [CatalogSource.key]
        let order = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
        return SourceOrderScorer(timeout: .seconds(1), tier: tier, order: order)
    }
}
