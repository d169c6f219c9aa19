import CascadeFeatures
import CascadeModels
import CascadeNN

/// The ranker recorded whole, one context a row, with the way to fill it from rows of a log.
///
/// Belongs to one thread. Training and offline evaluation use it; its logits are those of serving's split parts.
final class RankerGraph {
    private let data: TrainingData
    private let log: EncodedLog
    /// By rows of `log`; nil where nothing is counted over windows of time.
    private let windows: WindowedValues?
    private let items: RankerItems
    private let contexts: RankerContexts
    private let rows: RankerRows
    private let labels: Value?
    private let weights: Value?
    private let assembler: BatchAssembler
    private var numbers: [Float]
    private var pending: [Int32] = []

    init(_ plan: Plan, model: any RankingModel, data: TrainingData, capacity: Int) {
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
        labels = training ? plan.input(rows.rows, columns: map.heads.count, name: "labels") : nil
        weights = training ? plan.input(rows.rows, columns: map.heads.count, name: "weights") : nil
        assembler = BatchAssembler(map: map, space: map.ranker, items: data.rankerItems)
        numbers = [Float](repeating: 0, count: max(1, map.counterLayout.columns))
    }

    /// Binary cross-entropy over all heads; only for a plan that trains.
    func recordLoss(_ plan: Plan) -> Value {
        guard let labels, let weights else { return plan.mean(rows.logits) }
        return plan.binaryCrossEntropy(logits: rows.logits, labels: labels, weights: weights)
    }

    var logits: Value { rows.logits }

    /// Adds a row of the log with its user's past before `historyEnd`.
    ///
    /// - Parameter inPeriod: true for a row that was counted: its user's fold is left out of the counts.
    func add(row: Int, historyEnd: Int, inPeriod: Bool) {
        if pending.isEmpty { assembler.begin() }
        pending.append(Int32(row))
        let user = Int(log.user[row])
        let item = log.item[row]
        log.withHistory(user: user, end: historyEnd) { history in
            let context = assembler.addContext(users: data.rankerUsers, row: user, history: history)
            numbers.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                data.counters.write(
                    history: history, item: item, fold: inPeriod ? data.userFolds[user] : nil, into: base)
                windows?.write(row: row, into: base + data.map.counterLayout.windowOffset)
                assembler.addRow(
                    context: context, item: item, counters: data.map.counterLayout.columns > 0 ? base : nil)
            }
        }
    }

    /// Copies the added rows into the plan and starts anew; labels and weights too where the plan trains.
    func load(_ plan: Plan, lossWeights: [Float]) throws {
        if pending.isEmpty { assembler.begin() }
        let batch = assembler.batch
        try items.inputs.load(batch.items, into: plan)
        try contexts.load(batch, into: plan)
        try rows.load(batch, into: plan)
        if let labels, let weights {
            let label = plan.floats(labels)
            let weight = plan.floats(weights)
            let heads = lossWeights.count
            for (index, row) in pending.enumerated() {
                for head in 0..<heads {
                    let bit = UInt32(1) << UInt32(head)
                    label[index * heads + head] = log.positives[Int(row)] & bit != 0 ? 1 : 0
                    weight[index * heads + head] = log.observed[Int(row)] & bit != 0 ? lossWeights[head] : 0
                }
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// The batch that the next `load` will copy.
    var batch: Batch { assembler.batch }
}
