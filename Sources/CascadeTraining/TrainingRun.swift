package import CascadeCore
import CascadeFeatures
package import CascadeModels
import CascadeNN
import Foundation

/// A training run from the database to an active release; read it top to bottom.
///
///     announce → read → fit features on the period only → retrieval → linear part → interests → towers out of fold → ranker → artifacts and
///     index → evaluate on what came after → compare with the active release → register → activate
///
/// While it runs its release is in the state `training`. Nothing is registered before all of it is on disk and its index is good
/// enough; a run that is killed leaves the active release as it was, and what `TrainingCheckpoints` kept of it, where one like it goes on.
package struct TrainingRun: Sendable {
    package let catalog: any CatalogStore
    package let feedback: any FeedbackStore
    package let releases: any ReleaseStore & ReleaseTrainingStore
    /// Where the release goes.
    package let artifacts: any ArtifactStore
    package let settings: TrainingSettings
    /// The program that trains, as model versions keep it.
    package let codeVersion: String
    /// Says what the run is doing; may be called from any thread.
    package private(set) var report: @Sendable (TrainingReport) -> Void

    package init(
        catalog: any CatalogStore, feedback: any FeedbackStore, releases: any ReleaseStore & ReleaseTrainingStore,
        artifacts: any ArtifactStore,
        settings: TrainingSettings, codeVersion: String = ProgramVersion.current,
        report: @escaping @Sendable (TrainingReport) -> Void
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.releases = releases
        self.artifacts = artifacts
        self.settings = settings
        self.codeVersion = codeVersion
        self.report = report
    }

    /// Trains on the interactions of `period` and makes a release of it; activates it unless told not to.
    ///
    /// - Parameters:
    ///   - evaluateUntil: where the evaluated stretch after the period ends; nil takes all that came after.
    ///   - resume: goes on from a run with the same settings, period and owner that was killed, with what it had read.
    ///   - warm: goes on from the models of the active release, with its features, and learns from what came after what these have learned
    ///     from; what came before is pasts alone. Clusters of interest are made anew.
    ///   - owner: whose run it is, such as a job's; runs of others are not gone on from.
    package func run(
        _ period: Period, evaluateUntil: Timestamp? = nil, activate: Bool = true, resume: Bool = false,
        warm: Bool = false, owner: String? = nil
    ) async throws -> Release {
        let problems = settings.problems() + settings.retrieval.servingProblems()
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        var random = SystemRandomNumberGenerator()
        let id = ReleaseNames.make("rel", at: .now, random: random.next())
        let announced = AnnouncedTraining(
            store: releases, id: id, configJSON: try ReleaseRecord.json(settings), jobID: owner)
        let collector = ReportCollector()
        var telling = self
        telling.report = { [report] told in
            collector.take(told)
            report(told)
        }
        let made = try await announced.run { [telling] in
            try await telling.make(id, collector, of: period, evaluateUntil, resume: resume, warm: warm, owner: owner)
        }
        guard activate else { return made.release }
        guard made.recall >= settings.index.minimumRecall else {
            throw TrainingError.recallTooLow(recall: made.recall, required: settings.index.minimumRecall)
        }
        if let verdict = made.verdict, !verdict.passes {
            throw TrainingError.notPromoted(release: id, lines: verdict.lines)
        }
        try await releases.activate(id)
        return try await releases.release(id) ?? made.release
    }

    /// From the database to a registered release.
    private func make(
        _ id: String, _ collector: ReportCollector, of period: Period, _ evaluateUntil: Timestamp?, resume: Bool,
        warm: Bool, owner: String?
    ) async throws -> Made {
        let kinds = try await TrainingVectors.kinds([settings.features.schema], from: catalog)
        let began = Timestamp.now
        let former = try await releases.activeRelease()
        let start = warm ? try warmStart(former) : nil
        let plan = try TrainingCheckpoints.Plan(
            settings, period, codeVersion: codeVersion, owner: owner, warm: start?.release)
        let left = resume ? self.left(plan, period) : nil
        let inputs: TrainingInputs
        if let left { inputs = left.inputs } else { inputs = try await read(period, kinds) }
        let checkpoints =
            left?.checkpoints
            ?? TrainingCheckpoints(
                plan, inputs, began: began, in: artifacts.workspace, every: settings.checkpointInterval)
        let after = try await interactionsAfter(period, until: evaluateUntil, timed: former?.windows != nil)
        let compute = ComputePool(threads: 1, name: "training")
        defer { compute.shutdown() }
        let made = try await compute.run { _ in
            try train(id, inputs, after: after, former: former, from: start, checkpoints: checkpoints)
        }
        try await releases.register(made.release, models: made.models, report: collector.json)
        checkpoints.end()
        return made
    }

    /// What a run of the same plan kept that was killed.
    private func left(
        _ plan: TrainingCheckpoints.Plan, _ period: Period
    ) -> (checkpoints: TrainingCheckpoints, inputs: TrainingInputs)? {
        let left = TrainingCheckpoints.left(
            plan, period: period, in: artifacts.workspace, every: settings.checkpointInterval)
        if let began = left?.checkpoints.resumedFrom {
            report(.step("going on with the training of \(began.rfc3339), with what it had read"))
        } else {
            report(.step("nothing is left of a training like this; it begins anew"))
        }
        return left
    }

    private func warmStart(_ former: Release?) throws -> WarmStart {
        guard let former else { throw TrainingError.noActiveRelease }
        let start = try WarmStart(former, in: artifacts, settings)
        report(
            .step(
                "going on from release \(start.release), which has learned from what happened until "
                    + Timestamp(microseconds: start.learned).rfc3339))
        return start
    }

    private func read(_ period: Period, _ kinds: [VectorDefinition]) async throws -> TrainingInputs {
        report(.step("reading interactions"))
        let log = try await feedback.interactions(
            in: period, timed: settings.features.countsWindows, values: settings.ranker.valueSignals)
        guard log.count > 0 else { throw TrainingError.noInteractions(period: Self.describe(period)) }
        let items = try await catalog.items()
        // Vectors are read after the items, so that none is older than its item says.
        return TrainingInputs(
            period: period, log: log, users: try await catalog.users(), items: items,
            definitions: try await catalog.attributeDefinitions(),
            vectors: try await ItemVectors.read(kinds, of: items, from: catalog))
    }

    private struct Made: Sendable {
        let release: Release
        let models: [ModelVersion]
        let recall: Double
        /// Nil where the release was not compared with the active one.
        let verdict: PromotionVerdict?
    }

    /// The part that computes, on a thread of its own.
    ///
    /// - Parameter after: everything up to now where rows follow the period: what the run is evaluated on.
    private func train(
        _ id: String, _ inputs: TrainingInputs, after: InteractionLog?, former: Release?, from start: WarmStart?,
        checkpoints: TrainingCheckpoints
    ) throws -> Made {
        report(.step("fitting features"))
        let told = start == nil ? settings : settings.warmed
        let data = try TrainingData(
            period: inputs.period, log: inputs.log, users: inputs.users, items: inputs.items,
            definitions: inputs.definitions, vectors: inputs.vectors, settings: settings.features,
            retrieval: settings.retrieval, values: settings.ranker.values, map: start?.map,
            learned: start?.learned)
        report(.data(data))
        guard (0..<data.log.count).contains(where: data.isExample) else {
            throw TrainingError.noInteractions(
                period: "after what release \(start?.release ?? "") has learned from")
        }

        let retrieval = try RetrievalTrainer(
            settings: told.retrieval, seed: settings.seed, workers: settings.threadCount
        )
        .train(
            data, progress: { report(.progress($0)) },
            start: start.map { start in { try start.load(ModelBundle.FileName.retrieval, into: $0) } },
            checkpoint: checkpoints.stage("retrieval", seed: settings.seed))
        report(.trained("retrieval", retrieval.summary))
        let linear = try LinearTraining.fit(data, settings.retrieval, seed: settings.seed, report: report)
        let interests = try InterestTraining(settings: settings, checkpoints: checkpoints)
            .train(data.withoutWhatWasLearned(), (retrieval.model, retrieval.store), report: report)
        let rankers = try trainRankers(
            data, (retrieval.model, retrieval.store), told.ranker, from: start, checkpoints)

        report(.step("counting which items users took together"))
        let neighbours = CoOccurrence.neighbours(of: data, threads: settings.threadCount)

        report(.step("building the index"))
        let now = Timestamp.now
        var random = SystemRandomNumberGenerator()
        let manifest = Manifest(
            releaseID: id,
            retrievalModelID: ReleaseNames.make("retrieval", at: now, random: random.next()),
            rankerModelID: rankers.map { _ in ReleaseNames.make("ranker", at: now, random: random.next()) },
            builtAt: now.rfc3339)
        let parts = ReleaseBuild.Parts(
            map: data.map,
            settings: ModelSettings(
                retrieval: settings.retrieval, ranker: settings.ranker, interests: settings.interests),
            counters: CounterSet(tables: data.counters.counters.tables, log: data.log, items: data.rows.items),
            items: data.rows.items, vectors: data.vectors, neighbours: neighbours, clusters: interests?.clusters
        ) { folder in
            try retrieval.store.save(to: folder.path(ModelBundle.FileName.retrieval))
            try linear?.save(to: folder.path(LinearAutoencoder.fileName))
            try interests?.store.save(to: folder.path(InterestModel.fileName))
            for (member, ranker) in (rankers?.members ?? []).enumerated() {
                try ranker.store.save(to: folder.path(ModelBundle.FileName.ranker(member)))
            }
        }
        let built = try ReleaseBuild(artifacts: artifacts, index: settings.index, threads: settings.threadCount)
            .build(parts, manifest: manifest) { try RecallQueries.users(of: data, bundle: $0) }
        report(.index(items: data.rows.items.count, seconds: built.indexSeconds, recall: built.recall))

        var metrics = [
            "index.recall": built.recall, "retrieval.loss": Double(retrieval.summary.loss),
        ]
        metrics["interests.loss"] = interests.map { Double($0.summary.loss) }
        metrics["ranker.loss"] = rankers.map { Double($0.summary.loss) }
        metrics.merge(try evaluate(built.bundle, inputs, after)) { _, new in new }
        let verdict = try former.flatMap { try compare(built.bundle, with: $0, inputs, after) }
        metrics.merge(verdict?.numbers ?? [:]) { _, new in new }
        return try record(
            manifest, built, data, metrics: metrics, verdict: verdict, former: former, isWarm: start != nil, now: now)
    }

    /// Nil where the data holds nothing that a head could learn: events alone do not tell what is not wanted.
    private func trainRankers(
        _ data: TrainingData, _ retrieval: (model: any RetrievalModel, store: ParameterStore),
        _ ranker: RankerSettings, from start: WarmStart?, _ checkpoints: TrainingCheckpoints
    ) throws -> TrainedRankers? {
        guard !data.map.heads.isEmpty else {
            report(.noRanker)
            return nil
        }
        let told = try TowerTraining(settings: settings, checkpoints: checkpoints).told(data, retrieval, report: report)
        let trained = try RankerTrainer(settings: ranker, seed: settings.seed, workers: settings.threadCount).trainAll(
            told, progress: { report(.progress($0)) },
            initial: start.map { start in { try start.load(ModelBundle.FileName.ranker($0), into: $1) } },
            checkpoints: checkpoints)
        report(.trained("ranker", trained.summary))
        return trained
    }

    /// The figures on what came after the period; none where nothing did.
    private func evaluate(
        _ bundle: ModelBundle, _ inputs: TrainingInputs, _ after: InteractionLog?
    ) throws -> [String: Double] {
        guard let after else { return [:] }
        report(.step("evaluating on what came after"))
        do {
            let evaluated = try EvaluationRun.evaluate(
                bundle, log: after, users: inputs.users,
                heldOut: .period(Period(from: inputs.period.until)), history: .frozen)
            report(.evaluation(evaluated))
            return evaluated.numbers
        } catch TrainingError.nothingToEvaluate {
            return [:]
        }
    }

    /// How the release compares with the active one on what came after the period; nil, and it is said why, where that cannot be told.
    private func compare(
        _ bundle: ModelBundle, with former: Release, _ inputs: TrainingInputs, _ after: InteractionLog?
    ) throws -> PromotionVerdict? {
        guard settings.promotion.gate else { return nil }
        guard let after else {
            report(.step("not compared with the active release: nothing came after the period (--until)"))
            return nil
        }
        do {
            let verdict = try PromotionGate(settings: settings.promotion).judge(
                bundle, against: try artifacts.bundle(of: former), log: after, users: inputs.users,
                period: Period(from: inputs.period.until))
            report(.promotion(verdict))
            return verdict
        } catch let error as TrainingError {
            report(.step("not compared with the active release: \(error)"))
        } catch let error as ModelError {
            report(.step("not compared with the active release, which cannot be read: \(error)"))
        }
        return nil
    }

    private func record(
        _ manifest: Manifest, _ built: ReleaseBuild.Built, _ data: TrainingData, metrics: [String: Double],
        verdict: PromotionVerdict?, former: Release?, isWarm: Bool, now: Timestamp
    ) throws -> Made {
        let config = try ReleaseRecord.json(settings)
        func version(
            _ id: String, _ kind: ModelKind, _ file: String, parent: String?
        ) throws -> ModelVersion {
            ModelVersion(
                id: id, kind: kind, createdAt: now, configJSON: config, seed: settings.seed,
                metricsJSON: try ReleaseRecord.json(metrics.filter { $0.key.hasPrefix(kind.rawValue) }),
                dataPeriod: data.period, parentID: parent,
                checksum: try ArtifactFolder.describe(built.folder.path(file)).sha256, codeVersion: codeVersion,
                warmFrom: isWarm ? parent : nil)
        }
        let release = try ReleaseRecord.release(
            manifest, checksum: built.manifestChecksum, createdAt: now, configJSON: config, metrics: metrics,
            windows: data.map.windows)
        var models = [
            try version(
                manifest.retrievalModelID, .retrieval, ModelBundle.FileName.retrieval,
                parent: former?.retrievalModelID)
        ]
        if let id = manifest.rankerModelID {
            models.append(try version(id, .ranker, ModelBundle.FileName.ranker, parent: former?.rankerModelID))
        }
        return Made(release: release, models: models, recall: built.recall, verdict: verdict)
    }

    /// The whole log when something follows the period, nil otherwise.
    ///
    /// - Parameter timed: whether the active release counts over windows of time.
    private func interactionsAfter(
        _ period: Period, until end: Timestamp?, timed: Bool
    ) async throws -> InteractionLog? {
        guard let until = period.until else { return nil }
        let everything = try await feedback.interactions(
            in: Period(from: period.from, until: end), timed: timed || settings.features.countsWindows,
            values: settings.ranker.valueSignals)
        return everything.time.contains { $0 >= until.microseconds } ? everything : nil
    }

    private static func describe(_ period: Period) -> String {
        switch (period.from?.rfc3339, period.until?.rfc3339) {
        case (let from?, let until?): "from \(from) until \(until)"
        case (let from?, nil): "from \(from) on"
        case (nil, let until?): "before \(until)"
        case (nil, nil): "at all"
        }
    }
}
