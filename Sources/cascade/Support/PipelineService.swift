import CascadeCore
import CascadeModels
import CascadeObservability
import CascadePipeline
import CascadeServer
import CascadeServing
import CascadeStorage
import CascadeTraining
import Foundation
import Logging

/// The pipeline with everything it works with, composed from an open session; the server and `recommend` share it.
struct PipelineService: Sendable {
    let pipeline: RecommendPipeline
    let similar: SimilarItemsFinder
    let holder: ReleaseHolder
    let follower: ReleaseFollower
    /// The pipeline of each user's arms.
    let router: ExperimentRouter
    /// The releases that arms of A/B tests serve.
    let arms: ArmReleases
    /// The router, with a share of the requests scored by the shadow release behind the answers.
    let shadowed: ShadowRunner
    let shadowFollower: ReleaseFollower
    let traces: TraceWriter
    let pages: PageWriter
    let monitor: RecallMonitor
    /// What servers look after beside the requests.
    let upkeep: [Upkeep]
    let metrics: MetricRegistry
    let compute: ComputePool

    /// - Parameter patient: lets every stage take its time, for one slate made by hand in a process just started.
    init(
        _ session: Session, logger: Logger = Logger(label: "cascade.pipeline"), patient: Bool = false
    ) async throws {
        let holder = ReleaseHolder()
        let compute = ComputePool(threads: ProcessInfo.processInfo.activeProcessorCount)
        let storage = session.storage
        traces = TraceWriter(logger: logger) { written in
            try await storage.traces.put(
                written.map {
                    RecommendationTrace(
                        recommendationID: $0.recommendationID, userID: $0.userID, releaseID: $0.releaseID,
                        createdAt: .now, json: $0.json)
                })
        }
        pages = PageWriter(store: storage.pages, logger: logger)
        metrics = MetricRegistry()
        var serving = session.configuration.serving
        // One slate asks for a few hundred items: computing all of them first would take longer.
        if patient { serving.itemPartsMegabytes = 0 }
        monitor = RecallMonitor(rate: serving.recallSampleRate)
        ServedMetrics(holder: holder, pool: storage.pool, monitor: monitor).register(on: metrics)
        var environment = PipelineEnvironment(pool: compute) { holder.current }
        environment.users = CatalogUserReader(store: storage.catalog)
        environment.histories = FeedbackHistoryReader(store: storage.feedback, hidden: storage.hiddenItems)
        environment.memory = UserMemory(limit: session.configuration.pipeline.rememberedSteps)
        environment.follows = StoredFollows(store: storage.relations)
        let items = StoredItems(catalog: storage.catalog)
        environment.items = items
        environment.liveState = items
        environment.traces = traces
        environment.metrics = metrics
        environment.logger = logger
        var settings = session.configuration.pipeline
        if patient { Self.liftDeadlines(&settings) }
        pipeline = try RecommendPipeline(settings: settings, environment: environment)
        similar = SimilarItemsFinder(
            environment: environment, wait: .milliseconds(settings.hydrateTimeoutMilliseconds))
        let shadow = ReleaseHolder()
        let hash = try session.configuration.hash()
        func follower(_ role: ReleaseFollower.Role, _ holder: ReleaseHolder, _ monitor: RecallMonitor?)
            -> ReleaseFollower
        {
            ReleaseFollower(
                role, releases: storage.releases, catalog: storage.catalog, artifacts: session.artifacts,
                configHash: hash, creatorAttribute: settings.creatorAttribute, holder: holder, pool: compute,
                settings: serving, quotas: session.configuration.interests.quotas, counters: storage.counters,
                monitor: monitor, logger: logger)
        }
        self.follower = follower(.active, holder, monitor)
        shadowFollower = follower(.shadow, shadow, nil)
        // A slate made by hand is the usual one.
        let tests = patient ? ExperimentsSettings() : session.configuration.experiments
        arms = ArmReleases(tests) { follower($0, $1, nil) }
        try await arms.load(storage)
        router = try ExperimentRouter(pipeline, tests, releases: arms.views)
        shadowed = ShadowRunner(
            pipeline: router,
            shadow: try Self.silent(settings, environment) { shadow.current }, metrics: metrics,
            logger: logger
        ) { shadow.current?.release }
        upkeep = Self.upkeep(session, logger)
        self.holder = holder
        self.compute = compute
    }

    /// The service over the active release for something done by hand, with the time that it takes.
    static func byHand<Result: Sendable>(
        _ session: Session, _ work: (PipelineService) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "cascade.pipeline")
        logger.logLevel = .error
        let service = try await PipelineService(session, logger: logger, patient: true)
        defer { service.compute.shutdown() }
        await service.follower.refresh()
        if let problem = service.holder.problem { throw CommandFailure(problem) }
        return try await work(service)
    }

    private static func upkeep(_ session: Session, _ logger: Logger) -> [Upkeep] {
        let storage = session.storage
        let pageSeconds = session.configuration.server.nextPageSeconds
        let months = session.configuration.database.keepMonths
        let traceDays = session.configuration.pipeline.traceDays
        return [
            // What is not folded yet is read all the same.
            Upkeep("counters cannot be folded", every: .seconds(5), logger: logger) {
                _ = try await storage.counters.fold()
            },
            Upkeep("old pages are not removed", every: .seconds(60), logger: logger) {
                try await storage.pages.prune(before: Timestamp.now.adding(seconds: -Double(pageSeconds) - 60))
            },
            Upkeep("old traces are not removed", every: .seconds(600), logger: logger) {
                guard traceDays > 0 else { return }
                try await storage.traces.prune(before: Timestamp.now.adding(seconds: -86_400 * Double(traceDays)))
            },
            Upkeep("old Idempotency-Keys are not removed", every: .seconds(600), logger: logger) {
                try await storage.idempotency.prune(before: Timestamp.now.adding(seconds: -IdempotentWrite.lifetime))
            },
            Upkeep("months of the logs cannot be looked after", every: .seconds(3600), logger: logger) {
                try await storage.logs.prepareAhead()
                guard months > 0 else { return }
                let start = try await storage.logs.month(months)
                guard try await storage.logs.hasRows(before: start) else { return }
                let removal = try await storage.logs.remove(before: start)
                logger.notice(
                    "old months of the logs are removed",
                    metadata: ["partitions": "\(removal.partitions)", "rows": "\(removal.rows)"])
            },
        ]
    }

    /// A pipeline that keeps no trace, counts nowhere and says nothing.
    private static func silent(
        _ settings: PipelineSettings, _ environment: PipelineEnvironment,
        release: @escaping @Sendable () -> (any ReleaseView)?
    ) throws -> RecommendPipeline {
        var environment = environment
        environment.release = release
        environment.traces = nil
        environment.metrics = MetricRegistry()
        environment.logger = Logger(label: "cascade.shadow") { _ in SwiftLogNoOpLogHandler() }
        return try RecommendPipeline(settings: settings, environment: environment)
    }

    private static func liftDeadlines(_ settings: inout PipelineSettings) {
        settings.timeoutMilliseconds = 60_000
        settings.hydrateTimeoutMilliseconds = 10_000
        settings.encodeTimeoutMilliseconds = 10_000
        settings.rankTimeoutMilliseconds = 30_000
        for index in settings.sources.indices { settings.sources[index].timeoutMilliseconds = 10_000 }
    }
}
