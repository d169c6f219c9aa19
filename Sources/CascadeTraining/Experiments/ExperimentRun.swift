package import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation

/// Trains every variant of an experiment with every seed and measures it; registers nothing and writes no release.
package struct ExperimentRun: Sendable {
    package let catalog: any CatalogStore
    package let feedback: any FeedbackStore
    package let experiment: Experiment
    /// What `experiment.planted` holds.
    package let planted: PlantedInterests?
    /// Says what the run is doing; may be called from any thread.
    package let report: @Sendable (TrainingReport) -> Void

    package init(
        catalog: any CatalogStore, feedback: any FeedbackStore, experiment: Experiment,
        planted: PlantedInterests? = nil, report: @escaping @Sendable (TrainingReport) -> Void
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.experiment = experiment
        self.planted = planted
        self.report = report
    }

    private struct Inputs: Sendable {
        /// Everything up to the end of the measured stretch.
        let log: InteractionLog
        let users: [User]
        let items: [Item]
        let definitions: [AttributeDefinition]
        /// Of `items`, by their places.
        let vectors: ItemVectors
    }

    package func run() async throws -> ExperimentResult {
        let problems = experiment.problems()
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        let kinds = try await TrainingVectors.kinds(
            experiment.variants.map(\.settings.features.schema), from: catalog)
        report(.step("reading interactions"))
        let period = experiment.period
        let timed = experiment.variants.contains { $0.settings.features.countsWindows }
        let values = Set(experiment.variants.flatMap(\.settings.ranker.valueSignals)).sorted()
        let everything = try await feedback.interactions(
            in: Period(from: period.from, until: experiment.lastShare > 0 ? period.until : experiment.evaluateUntil),
            timed: timed, values: values)
        // Read anew: an impression of the period may have been answered behind it.
        let known = try await feedback.interactions(in: period, timed: timed, values: values)
        let before = experiment.hidden.withheld(from: experiment.heldOut.withheld(from: known))
        guard before.count > 0 else { throw TrainingError.noInteractions(period: "before the end of training") }
        let items = try await catalog.items()
        // Vectors are read after the items, so that none is older than its item says.
        let inputs = Inputs(
            log: everything.withoutEarlier(experiment.hidden, than: period.until), users: try await catalog.users(),
            items: items,
            definitions: try await catalog.attributeDefinitions(),
            vectors: try await ItemVectors.read(kinds, of: items, from: catalog))
        let compute = ComputePool(threads: 1, name: "experiment")
        defer { compute.shutdown() }
        return try await compute.run { _ in try compare(before, inputs) }
    }

    private func compare(_ log: InteractionLog, _ inputs: Inputs) throws -> ExperimentResult {
        var trainings: [ExperimentResult.Training] = []
        var baselines: [String: Double] = [:]
        var seedAverages: [ExperimentResult.SeedAverage] = []
        var comparison = RankerComparison(metrics: experiment.metrics)
        var former = TrainedOnce()
        for variant in experiment.variants {
            report(.step("run '\(variant.name)'"))
            let data = try TrainingData(
                period: experiment.period, log: log, users: inputs.users, items: inputs.items,
                definitions: inputs.definitions, vectors: inputs.vectors, settings: variant.settings.features,
                retrieval: variant.settings.retrieval, values: variant.settings.ranker.values)
            var averages = SeedAverages(metrics: experiment.metrics)
            for seed in experiment.seeds {
                var settings = variant.settings
                settings.seed = seed
                let isFirst = trainings.isEmpty
                let (training, impressions) = try train(
                    variant.name, settings, data, inputs, &former, baselines: isFirst)
                trainings.append(training)
                try comparison.add(variant.name, seed: seed, impressions)
                try averages.add(impressions)
                if isFirst { baselines = training.numbers.filter { Self.isOfBaseline($0.key) } }
            }
            let average = try averages.figures()
            if !average.isEmpty { seedAverages.append(.init(name: variant.name, numbers: average)) }
        }
        return ExperimentResult(
            name: experiment.name, part: experiment.part, metrics: experiment.metrics,
            threads: experiment.variants[0].settings.threadCount, trainings: trainings, seedAverages: seedAverages,
            baselines: baselines, comparisons: try comparison.results,
            data: DataStamp(log: inputs.log, trained: log.count, users: inputs.users, items: inputs.items),
            users: experiment.measured)
    }

    private func train(
        _ name: String, _ settings: TrainingSettings, _ data: TrainingData, _ inputs: Inputs,
        _ former: inout TrainedOnce,
        baselines: Bool
    ) throws -> (ExperimentResult.Training, ScoredImpressions) {
        let needsTowers = experiment.needsRetrieval || settings.ranker.towers != .none
        let (retrieval, points) = try former.retrieval(settings, isTrained: needsTowers) {
            try trainRetrieval(name, settings, data, inputs, isTrained: needsTowers)
        }
        var curve = points
        let linear =
            experiment.needsRetrieval
            ? try former.linear(settings) {
                try LinearTraining.fit(data, settings.retrieval, seed: settings.seed, report: report)
            } : nil
        let interests =
            experiment.needsRetrieval
            ? try InterestTraining(settings: settings)
                .train(data, (retrieval.model, retrieval.store), report: report) : nil
        let ranker =
            experiment.needsRanker && !data.map.heads.isEmpty
            ? try RankerTrainer(settings: settings.ranker, seed: settings.seed, workers: settings.threadCount)
                .trainAll(TowerTraining(settings: settings).told(data, retrieval, report: report)) {
                    report(.progress($0))
                } : nil
        let evaluated = try measure(
            data, settings, retrieval, linear, interests, ranker?.members ?? [], inputs,
            baselines ? experiment.baselines : [])
        report(.evaluation(evaluated))
        let label = "ranker, \(name), seed \(settings.seed)"
        if let ranker { report(.trained(label, ranker.summary)) }
        if let milliseconds = evaluated.scoringMilliseconds { report(.scoring(label, milliseconds: milliseconds)) }
        var numbers = evaluated.numbers
        if ranker != nil { numbers["ranker.table.rows"] = Double(data.map.ranker.table.rows) }
        if let last = curve.popLast() {
            curve.append(
                ExperimentResult.Point(epoch: last.epoch, loss: last.loss, numbers: chosen(evaluated.numbers)))
        }
        let training = ExperimentResult.Training(
            name: name, seed: settings.seed, settingsHash: try Self.hash(settings), numbers: numbers,
            curve: curve)
        return (training, evaluated.impressions)
    }

    /// The retrieval model of a run, with the points of its curve; as it begins where nothing is measured of it and no ranker is told of it.
    private func trainRetrieval(
        _ name: String, _ settings: TrainingSettings, _ data: TrainingData, _ inputs: Inputs, isTrained: Bool
    ) throws -> TrainedOnce.Retrieval {
        var curve: [ExperimentResult.Point] = []
        guard isTrained else {
            let store = ParameterStore()
            let model = try RetrievalModels.make(settings: settings.retrieval, map: data.map, store: store)
            try store.allocate(seed: settings.seed)
            return ((model, store), curve)
        }
        let retrieval = try RetrievalTrainer(
            settings: settings.retrieval, seed: settings.seed, workers: settings.threadCount
        ).train(
            data, progress: { report(.progress($0)) },
            epochEnd: { epoch in
                guard experiment.needsRetrieval else { return }
                let isDue =
                    experiment.evaluateEvery > 0 && epoch.number % experiment.evaluateEvery == 0
                    && epoch.number < settings.retrieval.epochs
                let numbers =
                    isDue
                    ? chosen(
                        try measure(data, settings, (epoch.model, epoch.store), nil, nil, [], inputs, []).numbers)
                    : [:]
                curve.append(ExperimentResult.Point(epoch: epoch.number, loss: epoch.loss, numbers: numbers))
            })
        report(.trained("retrieval, \(name), seed \(settings.seed)", retrieval.summary))
        return ((retrieval.model, retrieval.store), curve)
    }

    private func measure(
        _ data: TrainingData, _ settings: TrainingSettings,
        _ retrieval: (model: any RetrievalModel, store: ParameterStore),
        _ linear: LinearAutoencoder?, _ interests: InterestTraining.Trained?,
        _ rankers: [RankerEnsemble.Member],
        _ inputs: Inputs, _ baselines: [Baseline]
    ) throws -> EvaluationReport {
        let bundle = try ModelBundle(
            map: data.map,
            settings: ModelSettings(
                retrieval: settings.retrieval, ranker: settings.ranker, interests: settings.interests),
            rows: EntityRows(users: [], items: data.rows.items),
            counters: CounterSet(tables: data.counters.counters.tables, log: data.log, items: data.rows.items),
            retrieval: retrieval, rankers: rankers, vectors: data.vectors, linear: linear)
        return try EvaluationRun.evaluate(
            bundle.with(interests: interests?.model(settings.interests)), log: inputs.log, users: inputs.users,
            heldOut: experiment.heldOut, history: .frozen, signal: experiment.signal, baselines: baselines,
            planted: planted, candidates: !rankers.isEmpty && experiment.ranksSlates ? experiment.candidates : nil,
            wanted: experiment.hidden.share > 0 ? { experiment.hidden.contains($0.id) } : nil, of: experiment.measured,
            timesScoring: !rankers.isEmpty, alsoRolling: !rankers.isEmpty && experiment.measuresRolling,
            retrieves: experiment.needsRetrieval)
    }

    /// Whether a figure is of a baseline.
    private static func isOfBaseline(_ name: String) -> Bool {
        Baseline.allCases.contains { name.hasPrefix("retrieval.\($0.rawValue).") }
    }

    private func chosen(_ numbers: [String: Double]) -> [String: Double] {
        numbers.filter { experiment.metrics.contains($0.key) }
    }

    /// Tells trainings apart by what takes part in them; an experiment builds no index.
    static func hash(_ settings: TrainingSettings) throws -> String {
        var settings = settings
        settings.index = IndexSettings()
        settings.promotion = PromotionSettings()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(ArtifactFolder.sha256(of: try encoder.encode(settings)).prefix(12))
    }
}
