import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// The ranker recorded whole, one context a row, with the way to fill it from rows of a log.
///
/// Belongs to one thread. Training and its teachers use it; its logits are those of serving's split parts.
final class RankerGraph {
    private let data: TrainingData
    private let log: EncodedLog
    /// By rows of `log`; nil where nothing is counted over windows of time.
    private let windows: WindowedValues?
    private let items: RankerItems
    private let contexts: RankerContexts
    private let rows: RankerRows
    private let loss: any RankerLoss
    private let targets: LossRows?
    private let auxiliaries: RankerAuxiliaries?
    private let values: ValueTargets?
    private let assembler: BatchAssembler
    private var numbers: [Float]
    private let fields: TowerFields
    /// [pending × tower columns] what the added rows are told of towers.
    private var told: [Float] = []
    private var pending: [Int32] = []

    /// - Parameter guidance: what a plan that trains learns from beside the log; not read by others.
    init(
        _ plan: Plan, model: RankingModel, data: TrainingData, capacity: Int,
        _ guidance: RankerGuidance = RankerGuidance(settings: RankerSettings())
    ) {
        self.data = data
        log = data.log
        windows = data.windows
        let map = data.map
        let distinct = min(data.rankerItems.count, capacity * (map.ranker.historyLength + 1))
        items = model.recordItems(plan, capacity: max(1, distinct))
        contexts = model.recordContexts(plan, items: items, capacity: capacity)
        rows = model.recordRows(plan, contexts: contexts, items: items, capacity: capacity)
        plan.keep(rows.logits)
        let training = plan.mode == .training
        loss = model.loss
        let auxiliaries =
            training
            ? RankerAuxiliaries(
                plan, model: model, items: items, rows: rows, capacity: min(distinct, capacity),
                heads: map.heads.count, guidance) : nil
        self.auxiliaries = auxiliaries
        targets =
            training
            ? LossRows(
                logits: auxiliaries?.logits(plan, rows) ?? rows.logits,
                labels: plan.input(rows.rows, columns: map.heads.count, name: "labels"),
                weights: plan.input(rows.rows, columns: map.heads.count, name: "weights"),
                groups: model.loss.readsGroups
                    ? plan.offsets(
                        segments: plan.dimension("groups", capacity: capacity), of: rows.rows, maximumLength: capacity,
                        name: "groups") : nil) : nil
        values =
            training
            ? ValueTargets(
                plan, model: model, outputs: auxiliaries?.values(plan, rows) ?? rows.values, map: map,
                settings: guidance.settings) : nil
        assembler = BatchAssembler(map: map, space: map.ranker, items: data.rankerItems)
        numbers = [Float](repeating: 0, count: max(1, map.counterLayout.columns))
        fields = model.towers
    }

    /// The loss of the model; only for a plan that trains.
    func recordLoss(_ plan: Plan) -> Value {
        guard let targets, let auxiliaries, let values else { return plan.mean(rows.logits) }
        return auxiliaries.loss(plan, values.loss(plan, loss.record(plan, targets)))
    }

    var logits: Value { rows.logits }

    /// Adds a row of the log with its user's past before `historyEnd`.
    ///
    /// - Parameters:
    ///   - inPeriod: true for a row that was counted: its user's fold is left out of the counts.
    ///   - hidden: microseconds before the row whose steps are not seen.
    func add(row: Int, historyEnd: Int, inPeriod: Bool, hiding hidden: Int64 = 0) {
        if pending.isEmpty { assembler.begin() }
        pending.append(Int32(row))
        let user = Int(log.user[row])
        let item = log.item[row]
        let moment = Timestamp(microseconds: log.time[row])
        log.withHistory(user: user, end: historyEnd) { history in
            let context = assembler.addContext(
                users: data.rankerUsers, row: user, history: history, at: moment, hiding: hidden)
            numbers.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                data.counters.write(
                    history: history, item: item, fold: inPeriod ? data.userFolds[user] : nil, at: moment,
                    into: base)
                windows?.write(row: row, into: base + data.map.counterLayout.windowOffset)
                assembler.addRow(
                    context: context, item: item, counters: data.map.counterLayout.columns > 0 ? base : nil)
            }
        }
        if fields.width > 0 { data.towers?.append(row: row, of: log, to: &told) }
    }

    /// Copies the added rows into the plan and starts anew; labels and weights too where the plan trains.
    ///
    /// - Parameters:
    ///   - lossWeights: one a head; only for a plan that trains.
    ///   - draw: fixes what is left to chance in this batch.
    func load(_ plan: Plan, lossWeights: [Float] = [], draw: UInt64 = 0) throws {
        if pending.isEmpty { assembler.begin() }
        let batch = assembler.batch
        try items.load(batch, into: plan)
        try contexts.load(batch, into: plan)
        try rows.load(batch, towers: told, into: plan)
        if let targets { try load(targets, plan, lossWeights) }
        values?.load(plan, log: log, rows: pending)
        try auxiliaries?.load(
            plan, log: log, rows: pending, batch: batch, lossWeights: lossWeights, draw: draw)
        pending.removeAll(keepingCapacity: true)
        told.removeAll(keepingCapacity: true)
    }

    private func load(_ targets: LossRows, _ plan: Plan, _ lossWeights: [Float]) throws {
        let label = plan.floats(targets.labels)
        let weight = plan.floats(targets.weights)
        let heads = lossWeights.count
        for (index, row) in pending.enumerated() {
            var total: Float = 0
            var given: Float = 0
            for head in 0..<heads {
                let bit = UInt32(1) << UInt32(head)
                let isGiven = log.positives[Int(row)] & bit != 0
                let own = log.observed[Int(row)] & bit != 0 ? lossWeights[head] : 0
                let plain: Float = isGiven ? 1 : 0
                label[index * heads + head] = auxiliaries?.label(plain, row: Int(row), head: head) ?? plain
                weight[index * heads + head] = own
                total += own
                given += isGiven ? own : 0
            }
            guard loss.joinsTargets else { continue }
            for place in (index * heads)..<((index + 1) * heads) {
                label[place] = total > 0 ? given / total : 0
                weight[place] = total > 0 ? 1 / Float(heads) : 0
            }
        }
        if let groups = targets.groups { try load(groups, plan) }
    }

    /// A group is the rows of one user that lie together.
    private func load(_ groups: Offsets, _ plan: Plan) throws {
        let starts = pending.indices.filter { $0 == 0 || log.user[Int(pending[$0])] != log.user[Int(pending[$0 - 1])] }
        try plan.setCount(groups.segments, starts.count)
        plan.integers(groups).copy((starts + [pending.count]).map(Int32.init))
    }
}
