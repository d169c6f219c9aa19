import BenchmarkSupport
import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import CascadeTraining

/// The model before its first step, with the loss of one small batch, so that the other side can be held against it.
///
/// The batch: 8 users, of whom the first is number 0, the next 100, …; a causal tower has the last items of each as
/// targets, `SyntheticLog.length` + 1 at most, another tower the last one. Columns are the targets and items 0 to 99;
/// the correction of the column j is −(j mod 7). Nothing is dropped.
enum StepZero {
    static let users = (0..<8).map { $0 * 100 }

    /// Writes data and weights to a file; returns the loss of the batch.
    static func write(_ data: TrainingData, _ settings: RetrievalSettings, seed: UInt64, to path: String) throws
        -> Float
    {
        let store = ParameterStore()
        let model = try RetrievalModels.make(settings: settings, map: data.map, store: store)
        try store.allocate(seed: seed)
        var file = ArrayFile()
        file.add("user_start", data.log.userStart)
        file.add("item", data.log.item.map(\.self))
        file.add("item_lookups", data.retrievalItems.lookups)
        file.add("item_tokens", data.retrievalItems.tokens[0])
        file.add("history_lookups", data.retrievalItems.historyLookups)
        file.add("user_lookups", data.retrievalUsers.lookups)
        for parameter in store.parameters { file.add(parameter.name, store.weights(parameter)) }
        for table in store.tables { file.add(table.name, store.weights(table)) }
        try file.write(to: path)
        return try loss(data, settings, model, store)
    }

    private static func loss(
        _ data: TrainingData, _ settings: RetrievalSettings, _ model: any RetrievalModel, _ store: ParameterStore
    ) throws -> Float {
        let causal = UserEncoders.readsItems(settings.userTower)
        let assembler = BatchAssembler(map: data.map, space: data.map.retrieval, items: data.retrievalItems)
        for user in users { add(user, data, assembler, causal: causal) }
        for item in 0..<100 { assembler.addItem(Int32(item)) }
        let batch = assembler.batch

        let plan = Plan(store: store, mode: .inference)
        let items = model.recordItems(plan, capacity: batch.items.count)
        let users = model.recordUsers(plan, capacity: batch.contexts, steps: causal ? batch.rows : nil, items: items)
        let queries = users.steps ?? users.vectors
        let positives = plan.indices(queries.dimension)
        let weights = plan.input(queries.dimension, columns: 1)
        let logQ = plan.input(items.vectors.dimension, columns: 1)
        let loss = try RetrievalLosses.type(named: settings.loss).record(
            plan,
            RetrievalRows(
                columns: ContrastInputs(
                    queries: queries, items: items.vectors, positives: positives, logQ: logQ, weights: weights),
                thresholds: nil, negatives: batch.items.count - 1, items: data.retrievalItems.count), settings)
        plan.keep(loss)
        try plan.seal()
        try items.load(batch, plan)
        try users.load(batch, plan)
        for row in 0..<batch.rows {
            plan.integers(positives)[row] = batch.rowItem[row]
            plan.floats(weights)[row] = 1
        }
        for column in 0..<batch.items.count { plan.floats(logQ)[column] = -Float(column % 7) }
        try plan.forward()
        return plan.scalar(loss)
    }

    private static func add(_ user: Int, _ data: TrainingData, _ assembler: BatchAssembler, causal: Bool) {
        let end = Int(data.log.userStart[user + 1])
        let start = max(Int(data.log.userStart[user]), end - (causal ? SyntheticLog.length + 1 : 1))
        let past = causal ? start..<(end - 1) : Int(data.log.userStart[user])..<end
        let context = HistorySlice.lend(
            items: past.map { data.log.item[$0] }, codes: past.map { data.log.code[$0] }
        ) {
            assembler.addContext(
                users: data.retrievalUsers, row: user, history: $0, without: causal ? -1 : data.log.item[end - 1])
        }
        for row in start..<end { assembler.addRow(context: context, item: data.log.item[row], counters: nil) }
    }
}
