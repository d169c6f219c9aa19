import CascadeCore
import CascadeFeatures
package import CascadeModels
package import CascadeNN

/// Trains the model of interests from the weights of the retrieval model on: an item is to be found among those of its
/// cluster, by the past read for that cluster, and the cluster of the next positive is to be foretold.
///
///     loss = mean_r w_r (log (e^{s_rr} + Σ_{j ∈ cluster of r, j ≠ r} e^{s_rj − log Q_j}) − s_rr) + λ · cross-entropy of the intent
///     s_rj = ⟨u_r, v_j⟩ / τ,  Q_j the probability that j is among the columns of its cluster
///
/// Source: "Divide and Conquer" (Zhang et al. 2023).
package struct InterestTrainer: Sendable {
    package let settings: InterestSettings
    package let retrieval: RetrievalSettings
    package let seed: UInt64
    package let workers: Int

    package init(settings: InterestSettings, retrieval: RetrievalSettings, seed: UInt64, workers: Int) {
        self.settings = settings
        self.retrieval = retrieval
        self.seed = seed
        self.workers = workers
    }

    private struct Built {
        let users: UserTower
        let items: ItemTower
        let search: SearchInputs
        let intent: IntentInputs
        let assembler: BatchAssembler
        let missingIdentifier: (columns: Range<Int>, rows: [Int32])?
    }

    /// Trains on all rows of `data`; returns the towers with their weights.
    ///
    /// - Parameters:
    ///   - start: the trained retrieval model's weights.
    ///   - clusters: [items] the cluster of each, below `count`.
    ///   - checkpoint: where a killed training is taken up, and this one is kept.
    package func train(
        _ data: TrainingData, start: ParameterStore, clusters: [Int32], count: Int, progress: ProgressHandler? = nil,
        checkpoint: StageCheckpoint? = nil
    ) throws -> (towers: InterestTowers, store: ParameterStore, summary: TrainingSummary) {
        let store = ParameterStore()
        let towers = try InterestTowers(
            settings: retrieval, interests: settings, clusters: count, map: data.map, store: store)
        try store.allocate(seed: seed)
        store.copy(from: start)
        let known = ExampleClusters(clusters, count: count, data.log)
        towers.keep(known.histogram, in: store)
        if let loss = checkpoint?.restore(store) { return (towers, store, TrainingSummary(kept: loss)) }
        let examples = self.examples(data, known, intentReading: towers.intentReading)
        let sizes = StepSizes(
            examples: examples.count, targets: examples.targets, wanted: settings.batchSize, workers: workers)
        let steps = sizes.steps
        let columns = InterestColumns(
            clusters, count: count, negatives: settings.negatives, data,
            rows: Int(Double(sizes.targetsOfWorker) * examples.asked))
        var meter = ProgressMeter(
            model: "interests", epochs: settings.epochs, stepsPerEpoch: steps, handler: progress)
        let started = ContinuousClock.now
        guard settings.epochs > 0 else { return (towers, store, meter.summary(loss: 0, since: started)) }
        let engine = try TrainingEngine(
            store: store,
            options: RetrievalTrainer.options(
                rate: settings.learningRate, warmup: retrieval.warmupSteps, steps: steps * settings.epochs, seed: seed,
                workers: workers)
        ) { _, plan in
            try build(
                plan, towers: towers, data: data, capacity: examples.capacity(examples: sizes.shard), columns: columns)
        }
        defer { engine.close() }
        let everything = (0..<Int32(examples.count)).map { $0 }
        let kept = try checkpoint?.restore(store, engine) ?? StageCheckpoint.Kept()
        let done = kept.steps
        var last = kept.loss
        meter.skip(steps: done)
        for epoch in (done / steps)..<max(done / steps, settings.epochs) {
            let order = shuffled(everything, seed: StableHash.mix(seed &+ UInt64(epoch) &+ 1))
            for step in max(0, done - epoch * steps)..<steps {
                let chosen = sizes.examples(of: step, order)
                let drawSeed = StableHash.mix(seed ^ UInt64(epoch * steps + step) << 8)
                last =
                    try engine.step { worker, plan, built in
                        let mine = sizes.part(chosen, worker: worker)
                        try fill(
                            built, plan, data, mine, examples, columns, seed: StableHash.mix(drawSeed ^ UInt64(worker)))
                    }.loss
                meter.add(rows: sizes.targets, loss: last)
                try checkpoint?.keep(store, engine, steps: epoch * steps + step + 1, loss: last)
            }
        }
        try checkpoint?.finish(store, loss: last)
        return (towers, store, meter.summary(loss: last, since: started))
    }

    private func examples(_ data: TrainingData, _ clusters: ExampleClusters, intentReading: Int32)
        -> any InterestExamples
    {
        let weight = TargetWeight(retrieval, data.log)
        return UserEncoders.readsItems(retrieval.userTower)
            ? NextItemInterests(
                stretches: NextItemExamples(data, weight: weight), clusters: clusters, intentReading: intentReading,
                data)
            : LeaveOneOutInterests(
                clusters: clusters, intentReading: intentReading, count: data.log.count, weight: weight,
                strangers: retrieval.strangers)
    }

    private func build(
        _ plan: Plan, towers: InterestTowers, data: TrainingData, capacity: InterestCapacity,
        columns: InterestColumns
    ) throws -> (built: Built, loss: Value) {
        let most = columns.capacity(rows: capacity.search)
        let items = towers.base.recordItems(
            plan, capacity: min(data.retrievalItems.count, most + (capacity.steps ?? 0)))
        let users = towers.recordUsers(plan, capacity: capacity.contexts, steps: capacity.steps, items: items)
        let vectors = users.steps ?? users.vectors
        let search = SearchInputs(
            plan, rows: capacity.search, columns: most, clusters: columns.pools.count)
        let intent = IntentInputs(plan, rows: capacity.intent, clusters: towers.clusters)
        let found = search.record(plan, vectors, items.vectors, temperature: Float(retrieval.temperature))
        let foretold = intent.record(plan) { towers.intent(plan, plan.take(vectors, $0), pasts: $1) }
        let loss = plan.weightedSum([(found, 1), (foretold, Float(settings.intentWeight))])
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        return (
            Built(
                users: users, items: items, search: search, intent: intent, assembler: assembler,
                missingIdentifier: EntityEncoder(layout: data.map.retrieval.items, table: data.map.retrieval.table)
                    .missingIdentifier), loss
        )
    }

    private func fill(
        _ built: Built, _ plan: Plan, _ data: TrainingData, _ chosen: ArraySlice<Int32>,
        _ examples: any InterestExamples, _ columns: InterestColumns, seed: UInt64
    ) throws {
        let assembler = built.assembler
        assembler.begin()
        var rows = InterestRows()
        var random = SeededRandom(seed: seed)
        for example in chosen { examples.add(Int(example), data, to: assembler, rows: &rows, random: &random) }
        try built.search.load(rows.search, columns, into: plan, assembler, random: &random)
        try built.intent.load(rows, into: plan)
        if let missing = built.missingIdentifier, retrieval.idDropout > 0 {
            assembler.dropIdentifiers(retrieval.idDropout, missing, random: &random)
        }
        try built.items.load(assembler.batch, plan)
        try built.users.load(assembler.batch, plan)
    }
}
