import CascadeCore
import CascadeFeatures
package import CascadeModels
package import CascadeNN
import Foundation

/// Trains the retrieval model: interactions are to be found among items of the batch and drawn ones.
///
/// A tower that tells the end of a past learns from every interaction, given the rest of its user's past; a causal one
/// learns the next item after every step.
package struct RetrievalTrainer: Sendable {
    package let settings: RetrievalSettings
    package let seed: UInt64
    package let workers: Int

    package init(settings: RetrievalSettings, seed: UInt64, workers: Int) {
        self.settings = settings
        self.seed = seed
        self.workers = workers
    }

    private struct Built {
        let users: UserTower
        let items: ItemTower
        let positives: Indices
        let logQ: Value
        let weights: Value
        let thresholds: Value?
        let assembler: BatchAssembler
        let missingIdentifier: (columns: Range<Int>, rows: [Int32])?
    }

    /// What an epoch left; the store trains on when the handler returns.
    package struct Epoch {
        /// From 1.
        package let number: Int
        /// Targets of its steps.
        package let targets: Int
        /// Mean loss of its steps.
        package let loss: Double
        package let model: any RetrievalModel
        package let store: ParameterStore
    }

    /// Trains on all rows of `data`; returns the model with its weights.
    ///
    /// - Parameters:
    ///   - name: what progress calls it.
    ///   - start: weights to go on from; `data` tells what they have learned already.
    ///   - checkpoint: where a killed training is taken up, and this one is kept.
    ///   - epochEnd: called between epochs and after the last.
    package func train(
        _ data: TrainingData, name: String = "retrieval", progress: ProgressHandler? = nil,
        start: ((ParameterStore) throws -> Void)? = nil, checkpoint: StageCheckpoint? = nil,
        epochEnd: ((Epoch) throws -> Void)? = nil
    ) throws -> (model: any RetrievalModel, store: ParameterStore, summary: TrainingSummary) {
        let store = ParameterStore()
        let model = try RetrievalModels.make(settings: settings, map: data.map, store: store)
        try store.allocate(seed: seed)
        if let loss = checkpoint?.restore(store) { return (model, store, TrainingSummary(kept: loss)) }
        try start?(store)
        if settings.initial == .ials { try FactorizedStart(data, seed: seed).write(to: store) }
        let examples = self.examples(data)
        let sizes = StepSizes(
            examples: examples.count, targets: examples.targets, wanted: settings.batchSize, workers: workers)
        let (steps, targets) = (sizes.steps, sizes.targets)
        let loss = try RetrievalLosses.type(named: settings.loss)
        var columns = try RetrievalColumns(
            settings, loss, data, examples: examples, rows: sizes.targetsOfWorker, epoch: examples.targets, seed: seed)
        let engine = try TrainingEngine(
            store: store,
            options: Self.options(
                rate: settings.learningRate, warmup: settings.warmupSteps, steps: steps * settings.epochs, seed: seed,
                workers: workers)
        ) { _, plan in
            try build(
                plan, model: model, data: data, shard: sizes.shard, examples: examples, columns: columns, loss: loss)
        }
        defer { engine.close() }
        var thresholds = HeadThresholds(settings, data, items: columns.pool, seed: seed)
        let everything = (0..<Int32(examples.count)).map { $0 }
        var meter = ProgressMeter(
            model: name, epochs: settings.epochs, stepsPerEpoch: steps, handler: progress)
        let started = ContinuousClock.now
        let kept = try checkpoint?.restore(store, engine) ?? StageCheckpoint.Kept()
        let done = kept.steps
        var last = kept.loss
        if done > 0 { thresholds.values = kept.memory }
        meter.skip(steps: done)
        for epoch in 0..<settings.epochs {
            var sum = 0.0
            if loss.weighsHead, epoch * steps >= done { try thresholds.renew(epoch: epoch, model: model, store: store) }
            let heads = thresholds
            let order = shuffled(everything, seed: StableHash.mix(seed &+ UInt64(epoch) &+ 1))
            for step in 0..<steps {
                let chosen = sizes.examples(of: step, order)
                // Before the draw, on one thread: every worker corrects by the same frequencies.
                for example in chosen { columns.observe(data.log.item[examples.rows(of: Int(example))]) }
                guard epoch * steps + step >= done else { continue }
                let corrections = columns
                let drawSeed = StableHash.mix(seed ^ UInt64(epoch * steps + step) << 8)
                last =
                    try engine.step { worker, plan, built in
                        let mine = sizes.part(chosen, worker: worker)
                        try fill(
                            built, plan, data, mine, examples, corrections, heads,
                            seed: StableHash.mix(drawSeed ^ UInt64(worker)))
                    }.loss
                meter.add(rows: targets, loss: last)
                sum += Double(last)
                try checkpoint?.keep(store, engine, steps: epoch * steps + step + 1, loss: last, memory: heads.values)
            }
            try epochEnd?(
                Epoch(
                    number: epoch + 1, targets: steps * targets, loss: sum / Double(steps), model: model, store: store))
        }
        try checkpoint?.finish(store, loss: last)
        return (model, store, meter.summary(loss: last, since: started))
    }

    private func examples(_ data: TrainingData) -> any RetrievalExamples {
        let weight = TargetWeight(settings, data.log)
        return UserEncoders.readsItems(settings.userTower)
            ? NextItemExamples(data, weight: weight)
            : LeaveOneOutExamples(data, weight: weight, strangers: settings.strangers)
    }

    /// How towers are trained for `steps` steps.
    static func options(rate: Double, warmup: Int, steps: Int, seed: UInt64, workers: Int) -> TrainingOptions {
        let peak = Float(rate)
        let decay = CosineRate(peak: peak, floor: peak / 50, steps: steps)
        return TrainingOptions(
            workers: workers, seed: seed, dense: Adam(), tables: SparseAdam(),
            schedule: LinearWarmup(steps: min(warmup, steps / 10), then: decay), clipNorm: 5)
    }

    private func build(
        _ plan: Plan, model: any RetrievalModel, data: TrainingData, shard: Int, examples: any RetrievalExamples,
        columns: RetrievalColumns, loss: any RetrievalLoss.Type
    ) throws -> (built: Built, loss: Value) {
        let rows = examples.capacity(examples: shard)
        let steps = UserEncoders.readsItems(settings.userTower) ? rows : 0
        let items = model.recordItems(plan, capacity: columns.capacity(rows: rows, steps: steps))
        let users = model.recordUsers(plan, capacity: shard, steps: rows, items: items)
        let positives = plan.indices(users.rows, name: "positives")
        let queries = users.queries(plan, items: items.vectors, positives: positives, settings: settings)
        let weights = plan.input(users.rows, columns: 1, name: "weights")
        let logQ = plan.input(items.vectors.dimension, columns: 1, name: "log Q")
        let thresholds = loss.weighsHead ? plan.input(users.rows, columns: 1, name: "thresholds") : nil
        let loss = loss.record(
            plan,
            RetrievalRows(
                columns: ContrastInputs(
                    queries: queries, items: items.vectors, positives: positives, logQ: logQ, weights: weights),
                thresholds: thresholds, negatives: columns.negatives, items: columns.pool.count),
            settings)
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        return (
            Built(
                users: users, items: items, positives: positives, logQ: logQ, weights: weights,
                thresholds: thresholds, assembler: assembler,
                missingIdentifier: EntityEncoder(layout: data.map.retrieval.items, table: data.map.retrieval.table)
                    .missingIdentifier), loss
        )
    }

    private func fill(
        _ built: Built, _ plan: Plan, _ data: TrainingData, _ chosen: ArraySlice<Int32>,
        _ examples: any RetrievalExamples, _ columns: RetrievalColumns, _ heads: HeadThresholds, seed: UInt64
    ) throws {
        let assembler = built.assembler
        assembler.begin()
        var targets = RetrievalTargets()
        var random = SeededRandom(seed: seed)
        for example in chosen {
            examples.add(Int(example), data, to: assembler, targets: &targets, random: &random)
        }
        let corrections = columns.draw(into: assembler, random: &random)
        if let missing = built.missingIdentifier, settings.idDropout > 0 {
            assembler.dropIdentifiers(settings.idDropout, missing, random: &random)
        }
        try built.items.load(assembler.batch, plan)
        try built.users.load(assembler.batch, plan)
        plan.integers(built.positives).copy(assembler.batch.rowItem)
        plan.floats(built.weights).copy(targets.weights)
        plan.floats(built.logQ).copy(corrections)
        if let thresholds = built.thresholds { plan.floats(thresholds).copy(heads.of(targets.users)) }
    }
}

extension ProgressMeter {
    func summary(loss: Float, since start: ContinuousClock.Instant) -> TrainingSummary {
        TrainingSummary(
            loss: loss, rows: totalRows, rowsPerSecond: rate, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}
