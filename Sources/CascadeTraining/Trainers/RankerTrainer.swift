import CascadeCore
import CascadeFeatures
package import CascadeModels
package import CascadeNN
import Foundation

/// Trains the ranker on impressions: every head is a binary outcome given the user, his past at that moment and the item,
/// every value head the value of what was given.
package struct RankerTrainer: Sendable {
    package let settings: RankerSettings
    package let seed: UInt64
    package let workers: Int

    package init(settings: RankerSettings, seed: UInt64, workers: Int) {
        self.settings = settings
        self.seed = seed
        self.workers = workers
    }

    /// Trains on the impressions of `data` that tell of at least one head; returns the model with its weights.
    ///
    /// - Parameters:
    ///   - name: what progress calls it.
    ///   - initial: puts weights to go on from into a store; `data` tells what they have learned already.
    ///   - checkpoints: where a killed training is taken up, and this one is kept.
    package func train(
        _ data: TrainingData, name: String = "ranker", progress: ProgressHandler? = nil,
        initial: ((ParameterStore) throws -> Void)? = nil, checkpoints: TrainingCheckpoints? = nil
    ) throws -> (model: RankingModel, store: ParameterStore, summary: TrainingSummary) {
        let store = ParameterStore()
        let model = try RankingModel(settings: settings, map: data.map, store: store)
        guard settings.towers == .none || data.towers?.fields == model.towers else {
            throw TrainingError.badArgument(
                "ranker.towers reads a retrieval model; train towers on the same data first")
        }
        try store.allocate(seed: seed)
        let checkpoint = checkpoints?.stage(name, seed: seed)
        if let loss = checkpoint?.restore(store) { return (model, store, TrainingSummary(kept: loss)) }
        try initial?(store)
        let rows = Array(
            (0..<Int32(data.log.count)).lazy.filter { data.log.isTold(Int($0)) && data.isExample(Int($0)) })
        guard !rows.isEmpty else {
            // Nothing new tells of a head: the ranker stays what it was.
            if initial != nil { return (model, store, TrainingSummary(kept: 0)) }
            throw ModelError.noHeads
        }
        let start = try start(data, progress)
        for table in Self.started(store) { start?.write(to: store.weights(table)) }
        let guidance = RankerGuidance(
            settings: settings,
            masks: settings.corruption > 0
                ? FeatureMasks(data.rankerItems, columns: model.itemFeatures) : nil,
            taught: try teach(data, rows: rows, progress: progress, checkpoints: checkpoints))
        let sizes = StepSizes(
            examples: rows.count, targets: rows.count, wanted: settings.batchSize, workers: workers)
        let steps = sizes.steps
        let engine = try TrainingEngine(store: store, options: options(steps: steps, start: start)) { _, plan in
            let graph = RankerGraph(plan, model: model, data: data, capacity: sizes.shard, guidance)
            return (graph, graph.recordLoss(plan))
        }
        defer { engine.close() }
        let lossWeights = zip(data.map.heads, data.map.headRates).map {
            Float(settings.lossWeight(of: $0, rate: $1))
        }
        var meter = ProgressMeter(model: name, epochs: settings.epochs, stepsPerEpoch: steps, handler: progress)
        let started = ContinuousClock.now
        let kept = try checkpoint?.restore(store, engine) ?? StageCheckpoint.Kept()
        let done = kept.steps
        var last = kept.loss
        meter.skip(steps: done)
        for epoch in (done / steps)..<max(done / steps, settings.epochs) {
            if settings.tableRestart, epoch > 0, epoch * steps >= done {
                for table in store.tables { engine.restart(table, seed: seed &+ UInt64(epoch)) }
                for table in Self.started(store) { start?.write(to: store.weights(table)) }
            }
            let order = order(of: rows, epoch: epoch, groups: model.loss.readsGroups ? data.log : nil)
            for step in max(0, done - epoch * steps)..<steps {
                let chosen = sizes.examples(of: step, order)
                let draw = StableHash.mix(seed ^ UInt64(epoch * steps + step) << 8)
                last =
                    try engine.step { worker, plan, graph in
                        for row in sizes.part(chosen, worker: worker) {
                            graph.add(
                                row: Int(row), historyEnd: Int(data.historyEnd[Int(row)]), inPeriod: true,
                                hiding: hidden(row: row, epoch: epoch))
                        }
                        try graph.load(plan, lossWeights: lossWeights, draw: StableHash.mix(draw ^ UInt64(worker)))
                    }.loss
                meter.add(rows: sizes.targets, loss: last)
                try checkpoint?.keep(store, engine, steps: epoch * steps + step + 1, loss: last)
            }
        }
        if settings.average > 0 { try engine.swapAverages() }
        try checkpoint?.finish(store, loss: last)
        return (model, store, meter.summary(loss: last, since: started))
    }

    /// The microseconds before a row whose steps it does not see in an epoch: drawn for each row, whichever thread has it.
    func hidden(row: Int32, epoch: Int) -> Int64 {
        guard settings.historyMaskHours > 0 else { return 0 }
        var random = SeededRandom(seed: StableHash.mix(StableHash.mix(seed &+ UInt64(epoch) &+ 307) ^ UInt64(row)))
        return Int64(random.uniform() * settings.historyMaskHours * 3.6e9)
    }

    /// The rows of the table that start elsewhere than at random; nil without any.
    private func start(_ data: TrainingData, _ progress: ProgressHandler?) throws -> StartingRows? {
        switch settings.initial {
        case .random: nil
        case .ials: try FactorizedStart(data, seed: seed).rankerRows()
        case .contrastive: try ContrastiveStart(data, seed: seed, workers: workers).rankerRows(progress: progress)
        }
    }

    /// The tables that such a start is written to.
    private static func started(_ store: ParameterStore) -> [Table] {
        store.tables.filter { $0.name == RankingModel.tableName }
    }

    /// The rows in the order of an epoch: shuffled; where `groups` is given, in stretches of one user each.
    func order(of rows: [Int32], epoch: Int, groups log: EncodedLog?) -> [Int32] {
        let order = shuffled(rows, seed: StableHash.mix(seed &+ UInt64(epoch) &+ 101))
        guard let log else { return order }
        var open: [Int32: [Int32]] = [:]
        var stretches: [[Int32]] = []
        for row in order {
            open[log.user[Int(row)], default: []].append(row)
            guard let own = open[log.user[Int(row)]], own.count == settings.pairwiseGroup else { continue }
            stretches.append(own)
            open[log.user[Int(row)]] = nil
        }
        stretches += open.sorted { $0.key < $1.key }.map(\.value)
        let places = shuffled(
            stretches.indices.map { Int32($0) }, seed: StableHash.mix(seed &+ UInt64(epoch) &+ 211))
        return places.flatMap { stretches[Int($0)] }
    }

    /// - Parameters:
    ///   - steps: of an epoch.
    ///   - start: rows that stay where they start over the epochs that the settings say.
    private func options(steps: Int, start: StartingRows?) -> TrainingOptions {
        let peak = Float(settings.learningRate)
        let all = steps * settings.epochs
        let decay = CosineRate(peak: peak, floor: peak / 50, steps: all)
        let schedule = LinearWarmup(steps: min(settings.warmupSteps, all / 10), then: decay)
        return TrainingOptions(
            workers: workers, seed: seed, dense: Adam(weightDecay: Float(settings.weightDecay)),
            tables: SparseAdam(weightDecay: Float(settings.tableDecay)),
            schedule: schedule,
            tableSchedule: settings.tableEpochs > 0
                ? StoppedRate(after: settings.tableEpochs * steps, of: schedule) : nil,
            clipNorm: Float(settings.clipNorm), tableNorm: settings.tableNorm > 0 ? Float(settings.tableNorm) : nil,
            frozenRows: settings.tableFrozenEpochs > 0
                ? start.map {
                    FrozenRows(rows: [RankingModel.tableName: $0.rows], steps: settings.tableFrozenEpochs * steps)
                } : nil,
            averaging: settings.average > 0 ? Averaging(decay: Float(settings.average)) : nil,
            products: settings.trainingPrecision)
    }
}
