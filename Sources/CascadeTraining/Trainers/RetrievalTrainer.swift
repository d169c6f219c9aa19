import CascadeCore
import CascadeFeatures
package import CascadeModels
package import CascadeNN
import Foundation

/// Trains the retrieval model: every interaction is a target to be found from the rest of its user's past.
///
/// Sampled softmax over the items of the batch and uniform negatives; the positive is not corrected, the others by the
/// log of the probability that they are in the sample: `1 − (1 − q_j)^B (1 − 1/I)^N` for an item of share q_j among I.
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
        let assembler: BatchAssembler
    }

    /// Trains on all rows of `data`; returns the model with its weights.
    package func train(
        _ data: TrainingData, progress: ProgressHandler? = nil
    ) throws -> (model: any RetrievalModel, store: ParameterStore, summary: TrainingSummary) {
        let store = ParameterStore()
        let model = try RetrievalModels.make(settings: settings, map: data.map, store: store)
        try store.allocate(seed: seed)
        let shard = (settings.batchSize + workers - 1) / workers
        let batch = min(settings.batchSize, max(workers, data.log.count))
        let steps = max(1, data.log.count / batch)
        let engine = try TrainingEngine(store: store, options: options(steps: steps * settings.epochs)) { _, plan in
            try build(plan, model: model, data: data, shard: shard)
        }
        defer { engine.close() }
        let logQ = inclusion(data, shard: shard)
        let everything = (0..<Int32(data.log.count)).map { $0 }
        var meter = ProgressMeter(
            model: "retrieval", epochs: settings.epochs, stepsPerEpoch: steps, handler: progress)
        let started = ContinuousClock.now
        var last: Float = 0
        for epoch in 0..<settings.epochs {
            let order = shuffled(everything, seed: StableHash.mix(seed &+ UInt64(epoch) &+ 1))
            for step in 0..<steps {
                let rows = order[(step * batch)..<min(order.count, (step + 1) * batch)]
                let drawSeed = StableHash.mix(seed ^ UInt64(epoch * steps + step) << 8)
                last =
                    try engine.step { worker, plan, built in
                        let mine = Self.part(rows, worker: worker, of: workers)
                        try fill(built, plan, data, mine, logQ, seed: StableHash.mix(drawSeed ^ UInt64(worker)))
                    }.loss
                meter.add(rows: batch, loss: last)
            }
        }
        return (model, store, meter.summary(loss: last, since: started))
    }

    private func options(steps: Int) -> TrainingOptions {
        let peak = Float(settings.learningRate)
        let decay = CosineRate(peak: peak, floor: peak / 50, steps: steps)
        return TrainingOptions(
            workers: workers, seed: seed, dense: Adam(), tables: SparseAdam(),
            schedule: LinearWarmup(steps: min(settings.warmupSteps, steps / 10), then: decay), clipNorm: 5)
    }

    private func build(
        _ plan: Plan, model: any RetrievalModel, data: TrainingData, shard: Int
    ) throws -> (built: Built, loss: Value) {
        let users = model.recordUsers(plan, capacity: shard)
        let items = model.recordItems(plan, capacity: shard + settings.uniformNegatives)
        let contexts = users.vectors.dimension
        let positives = plan.indices(contexts, name: "positives")
        let weights = plan.input(contexts, columns: 1, name: "weights")
        let logQ = plan.input(items.vectors.dimension, columns: 1, name: "log Q")
        let loss = plan.sampledSoftmax(
            queries: users.vectors, items: items.vectors, positives: positives, logQ: logQ, weights: weights,
            temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: false, positiveInDenominator: true))
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        return (
            Built(
                users: users, items: items, positives: positives, logQ: logQ, weights: weights,
                assembler: assembler), loss
        )
    }

    private func fill(
        _ built: Built, _ plan: Plan, _ data: TrainingData, _ rows: ArraySlice<Int32>, _ logQ: [Float], seed: UInt64
    ) throws {
        let assembler = built.assembler
        let log = data.log
        assembler.begin()
        for row in rows {
            let user = Int(log.user[Int(row)])
            let item = log.item[Int(row)]
            log.withHistory(user: user, end: Int(log.userStart[user + 1])) { history in
                let context = assembler.addContext(
                    users: data.retrievalUsers, row: user, history: history, without: item)
                assembler.addRow(context: context, item: item, counters: nil)
            }
        }
        var random = SeededRandom(seed: seed)
        for _ in 0..<settings.uniformNegatives {
            assembler.addItem(Int32(random.below(data.retrievalItems.count)))
        }
        try built.users.load(assembler.batch, plan)
        try built.items.load(assembler.batch, plan)
        let positives = plan.integers(built.positives)
        let weights = plan.floats(built.weights)
        for (index, row) in rows.enumerated() {
            positives[index] = assembler.batch.rowItem[index]
            let liked = log.code[Int(row)] != 0 || !log.isImpression[Int(row)]
            weights[index] = liked ? 1 : Float(settings.impressionWeight)
        }
        let corrections = plan.floats(built.logQ)
        for (index, row) in assembler.batch.catalogRow.enumerated() { corrections[index] = logQ[Int(row)] }
    }

    /// [items] log of the probability that an item is among a worker's columns.
    private func inclusion(_ data: TrainingData, shard: Int) -> [Float] {
        var counts = [Double](repeating: 0, count: data.retrievalItems.count)
        for item in data.log.item { counts[Int(item)] += 1 }
        let total = Double(data.log.count)
        let items = Double(counts.count)
        let drawn = Double(settings.uniformNegatives)
        return counts.map { count in
            let absent =
                Double(shard) * log1p(-min(count / total, 0.999_999)) + drawn * log1p(-min(1 / items, 0.999_999))
            return Float(log(max(-expm1(absent), 1e-10)))
        }
    }

    private static func part(_ rows: ArraySlice<Int32>, worker: Int, of workers: Int) -> ArraySlice<Int32> {
        let share = (rows.count + workers - 1) / workers
        let start = min(rows.endIndex, rows.startIndex + worker * share)
        return rows[start..<min(rows.endIndex, start + share)]
    }
}

extension ProgressMeter {
    func summary(loss: Float, since start: ContinuousClock.Instant) -> TrainingSummary {
        TrainingSummary(
            loss: loss, rows: totalRows, rowsPerSecond: rate, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}
