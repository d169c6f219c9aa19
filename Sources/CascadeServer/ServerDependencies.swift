package import CascadeCore
package import CascadeObservability
package import CascadePipeline
package import Logging

/// Everything the server needs from the rest; the composition root fills it in, tests with stores in memory.
package struct ServerDependencies: Sendable {
    package var settings: ServerSettings
    /// The API keys that are taken.
    package var keys: KeyRing
    package var recommender: any Recommending
    package var ranker: any Ranking
    package var explainer: any Explaining
    package var pages: any PageKeeping
    package var similar: any SimilarItemsProviding
    package var catalog: any CatalogStore
    package var relations: any RelationStore
    package var hidden: any HiddenItemStore
    package var eraser: any UserEraser
    package var feedback: any FeedbackStore
    package var releases: any ReleaseStore & ReleaseTrainingStore
    package var releaseControl: any ReleaseControlling
    package var jobs: any JobStore
    package var idempotency: any IdempotencyStore
    package var statistics: any StatisticsReading
    package var traces: any TraceReader
    package var readiness: any ReadinessProviding
    package var metrics: MetricRegistry
    package var logger: Logger
    /// What the page of the inspector shows to be let in where no key is asked for; nil lets it change nothing there.
    package var inspectorToken: InspectorToken?
    /// Tells what an error that the server does not know means to a caller, such as a database that is gone
    /// (`RequestFailure.unavailable`); nil for what should be answered with `internal`.
    package var classify: @Sendable (any Error) -> RequestFailure?
    /// Called with the host and the port once the server listens.
    package var onListening: @Sendable (_ host: String, _ port: Int) async -> Void
    /// The present time.
    package var now: @Sendable () -> Timestamp

    /// - Parameter keys: nil takes those of the settings alone.
    package init(
        settings: ServerSettings, keys: KeyRing? = nil, recommender: any Recommending, ranker: any Ranking,
        explainer: any Explaining,
        pages: any PageKeeping, similar: any SimilarItemsProviding,
        catalog: any CatalogStore, relations: any RelationStore, hidden: any HiddenItemStore,
        eraser: any UserEraser, feedback: any FeedbackStore, releases: any ReleaseStore & ReleaseTrainingStore,
        releaseControl: any ReleaseControlling, jobs: any JobStore, idempotency: any IdempotencyStore,
        statistics: any StatisticsReading,
        traces: any TraceReader, readiness: any ReadinessProviding,
        metrics: MetricRegistry, logger: Logger, inspectorToken: InspectorToken? = nil,
        classify: @escaping @Sendable (any Error) -> RequestFailure? = { _ in nil },
        onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in },
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.settings = settings
        self.keys = keys ?? KeyRing(settings.auth)
        self.recommender = recommender
        self.ranker = ranker
        self.explainer = explainer
        self.pages = pages
        self.similar = similar
        self.catalog = catalog
        self.relations = relations
        self.hidden = hidden
        self.eraser = eraser
        self.feedback = feedback
        self.releases = releases
        self.releaseControl = releaseControl
        self.jobs = jobs
        self.idempotency = idempotency
        self.statistics = statistics
        self.traces = traces
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
        self.inspectorToken = inspectorToken
        self.classify = classify
        self.onListening = onListening
        self.now = now
    }
}
