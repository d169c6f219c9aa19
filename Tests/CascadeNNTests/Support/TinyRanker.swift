@testable import CascadeNN

/// A small model with most kinds of operations: lookups, pooled lookups, attention, cross, dropout, norm, several losses.
struct TinyRanker {
    let store = ParameterStore()
    let table: Table
    let weights: [String: Parameter]
    let dropout: Float

    struct Inputs {
        let rows: Dimension
        let events: Dimension
        let ids: Indices
        let eventIDs: Indices
        let offsets: Offsets
        let numeric: Value
        let labels: Value
        let positives: Indices
        let logit: Value
    }

    static let shapes: [(name: String, rows: Int, columns: Int)] = [
        ("cross.weight", 20, 20), ("cross.bias", 1, 20), ("deep.weight", 20, 9), ("deep.bias", 1, 9), ("gain", 1, 9),
        ("offset", 1, 9), ("out.weight", 9, 1), ("out.bias", 1, 1), ("tower.user", 20, 4), ("tower.item", 4, 4),
        ("temperature", 1, 1),
    ]

    init(seed: UInt64 = 1, dropout: Float = 0.1, frozen: Set<String> = []) throws {
        table = try store.table("embedding", rows: 50, dimension: 4, .uniform(0.5))
        var weights: [String: Parameter] = [:]
        for shape in Self.shapes {
            weights[shape.name] = try store.parameter(
                shape.name, rows: shape.rows, columns: shape.columns, shape.name == "gain" ? .ones : .glorot,
                options: .init(weightDecay: shape.rows > 1, frozen: frozen.contains(shape.name)))
        }
        self.weights = weights
        self.dropout = dropout
        try store.allocate(seed: seed)
    }

    func record(_ plan: Plan, capacity: Int = 16) -> (built: Inputs, loss: Value) {
        let p = { (name: String) in plan.parameter(weights[name]!) }
        let rows = plan.dimension("rows", capacity: capacity)
        let events = plan.dimension("events", capacity: capacity * 5)
        let ids = plan.indices(rows, width: 2, name: "ids")
        let eventIDs = plan.indices(events, name: "event ids")
        let offsets = plan.offsets(segments: rows, of: events, maximumLength: 5)
        let numeric = plan.input(rows, columns: 4, name: "numeric")
        let labels = plan.input(rows, columns: 1, name: "labels")
        let positives = plan.indices(rows, name: "positives")
        let embedded = plan.gather(table, ids)
        let history = plan.gather(table, eventIDs)
        let attended = plan.targetAttention(
            query: plan.slice(embedded, columns: 0..<4), keys: history, values: history, offsets, heads: 2)
        let pooled = plan.gatherPooled(table, eventIDs, offsets, mode: .mean)
        let x0 = plan.concat([embedded, numeric, attended, pooled])
        let crossed = plan.cross(x0, x0, weight: p("cross.weight"), bias: p("cross.bias"))
        let deep = plan.linear(
            plan.dropout(crossed, rate: dropout), p("deep.weight"), bias: p("deep.bias"), activation: .gelu)
        let normed = plan.layerNorm(deep, gain: p("gain"), bias: p("offset"))
        let logit = plan.linear(normed, p("out.weight"), bias: p("out.bias"))
        let user = plan.normalizeRows(plan.linear(x0, p("tower.user")))
        let item = plan.normalizeRows(plan.linear(plan.slice(embedded, columns: 0..<4), p("tower.item")))
        let loss = plan.weightedSum([
            (plan.binaryCrossEntropy(logits: logit, labels: labels), 1),
            (
                plan.sampledSoftmax(
                    ContrastInputs(queries: user, items: item, positives: positives),
                    temperature: .learned(p("temperature"))), 0.5
            ),
        ])
        plan.keep(logit)
        return (
            Inputs(
                rows: rows, events: events, ids: ids, eventIDs: eventIDs, offsets: offsets, numeric: numeric,
                labels: labels, positives: positives, logit: logit), loss
        )
    }

    /// Fills rows `start ..< end` of an endless random table of examples.
    static func fill(_ plan: Plan, _ inputs: Inputs, rows: Range<Int>, batch: UInt64 = 0) throws(NNError) {
        func random(_ row: Int, _ stream: UInt64) -> UInt64 {
            mixedSeed(mixedSeed(UInt64(row), stream), batch) >> 24
        }
        var total = 0
        try plan.setCount(inputs.rows, rows.count)
        let offsets = plan.integers(inputs.offsets)
        offsets[0] = 0
        for (index, row) in rows.enumerated() {
            total += Int(random(row, 1) % 6)
            offsets[index + 1] = Int32(total)
        }
        try plan.setCount(inputs.events, total)
        let ids = plan.integers(inputs.ids)
        let eventIDs = plan.integers(inputs.eventIDs)
        let numeric = plan.floats(inputs.numeric)
        for (index, row) in rows.enumerated() {
            ids[2 * index] = Int32(random(row, 2) % 50)
            ids[2 * index + 1] = random(row, 3) % 5 == 0 ? -1 : Int32(random(row, 4) % 50)
            for event in offsets[index]..<offsets[index + 1] {
                eventIDs[Int(event)] = Int32(random(row, 10 + UInt64(event - offsets[index])) % 50)
            }
            for column in 0..<4 { numeric[index * 4 + column] = Float(random(row, 5 + UInt64(column)) % 100) / 50 - 1 }
            plan.floats(inputs.labels)[index] = numeric[index * 4] + numeric[index * 4 + 1] > 0 ? 1 : 0
            plan.integers(inputs.positives)[index] = Int32(index)
        }
    }

    func engine(
        workers: Int, seed: UInt64 = 3, dense: any DenseOptimizer = Adam(weightDecay: 0.01),
        tables: any TableOptimizer = RowwiseAdam(), rate: Float = 0.01, clipNorm: Float? = 1,
        averaging: Averaging? = nil
    ) throws -> TrainingEngine<Inputs> {
        try TrainingEngine(
            store: store,
            options: TrainingOptions(
                workers: workers, seed: seed, dense: dense, tables: tables, schedule: ConstantRate(rate),
                clipNorm: clipNorm, averaging: averaging)
        ) { _, plan in record(plan) }
    }

    /// The fill of one batch, dealt out evenly.
    static func batch(_ number: Int, rows: Int = 24, workers: Int) -> TrainingEngine<Inputs>.Fill {
        { worker, plan, inputs in
            try fill(
                plan, inputs, rows: worker * rows / workers..<(worker + 1) * rows / workers, batch: UInt64(number))
        }
    }

    /// All weights as bits.
    var bits: [UInt32] {
        store.parameters.flatMap { store.weights($0).map(\.bitPattern) }
            + store.tables.flatMap { store.weights($0).map(\.bitPattern) }
    }
}
