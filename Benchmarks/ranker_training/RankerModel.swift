import CascadeNN

/// The measured ranker: 34 categorical lookups of width 14 (476), 7 numeric features of width 8 (56) and a target
/// attention of width 48 (4 heads) over 30 events make 580 columns; deep 256-128, one logit. `full` has three full cross
/// layers, `default` the two of rank 64 that `cascade train` takes.
struct RankerModel {
    static let categorical = 34
    static let width = 14
    static let numeric = 7
    static let numericWidth = 8
    static let events = 30
    static let eventLookups = 2
    static let attention = 48
    static let heads = 4
    static let tableRows = 1_000_000
    static let columns = categorical * width + numeric * numericWidth + attention

    let store = ParameterStore()
    let table: Table
    let numericWeight: Parameter
    let numericBias: Parameter
    let query: Parameter
    let key: Parameter
    let value: Parameter
    /// One matrix a full layer, two a layer of low rank.
    let crossWeights: [[Parameter]]
    let crossBiases: [Parameter]
    let deepWeights: [Parameter]
    let deepBiases: [Parameter]

    /// Handles of one worker's inputs.
    struct Inputs {
        let rows: Dimension
        let events: Dimension
        let categorical: Indices
        let eventIDs: Indices
        let numeric: Value
        let offsets: Offsets
        let labels: Value
    }

    init(full: Bool) throws {
        table = try store.table("embedding", rows: Self.tableRows, dimension: Self.width)
        numericWeight = try store.parameter(
            "numeric.weight", rows: Self.numeric, columns: Self.numericWidth, .uniform(1))
        numericBias = try store.parameter("numeric.bias", rows: 1, columns: Self.numeric * Self.numericWidth, .zeros)
        let eventWidth = Self.eventLookups * Self.width
        query = try store.parameter("query", rows: eventWidth, columns: Self.attention)
        key = try store.parameter("key", rows: eventWidth, columns: Self.attention)
        value = try store.parameter("value", rows: eventWidth, columns: Self.attention)
        var crosses: [[Parameter]] = []
        var biases: [Parameter] = []
        for layer in 0..<(full ? 3 : 2) {
            let shapes = full ? [(Self.columns, Self.columns)] : [(Self.columns, 64), (64, Self.columns)]
            crosses.append([])
            for (part, (down, across)) in shapes.enumerated() {
                crosses[layer].append(try store.parameter("cross.\(layer).\(part)", rows: down, columns: across))
            }
            biases.append(try store.parameter("cross.\(layer).bias", rows: 1, columns: Self.columns, .zeros))
        }
        crossWeights = crosses
        crossBiases = biases
        var weights: [Parameter] = []
        biases = []
        let widths = [Self.columns, 256, 128, 1]
        for layer in 0..<3 {
            weights.append(
                try store.parameter("deep.\(layer).weight", rows: widths[layer], columns: widths[layer + 1], .he))
            biases.append(try store.parameter("deep.\(layer).bias", rows: 1, columns: widths[layer + 1], .zeros))
        }
        deepWeights = weights
        deepBiases = biases
        try store.allocate(seed: 1)
    }

    func record(_ plan: Plan, capacity: Int) -> (built: Inputs, loss: Value) {
        let rows = plan.dimension("rows", capacity: capacity)
        let events = plan.dimension("events", capacity: capacity * Self.events)
        let inputs = Inputs(
            rows: rows, events: events, categorical: plan.indices(rows, width: Self.categorical),
            eventIDs: plan.indices(events, width: Self.eventLookups),
            numeric: plan.input(rows, columns: Self.numeric),
            offsets: plan.offsets(segments: rows, of: events, maximumLength: Self.events),
            labels: plan.input(rows, columns: 1))
        let embedded = plan.gather(table, inputs.categorical)
        let numeric = plan.groupedLinear(
            inputs.numeric, groups: Self.numeric, weight: plan.parameter(numericWeight),
            bias: plan.parameter(numericBias), activation: .relu)
        let seen = plan.gather(table, inputs.eventIDs)
        let target = plan.slice(embedded, columns: 0..<Self.eventLookups * Self.width)
        let attended = plan.targetAttention(
            query: plan.linear(target, plan.parameter(query)), keys: plan.linear(seen, plan.parameter(key)),
            values: plan.linear(seen, plan.parameter(value)), inputs.offsets, heads: Self.heads)
        let x0 = plan.concat([embedded, numeric, attended])
        var x = x0
        for (weights, bias) in zip(crossWeights, crossBiases) {
            let matrices = weights.map(plan.parameter)
            x =
                matrices.count == 1
                ? plan.cross(x0, x, weight: matrices[0], bias: plan.parameter(bias))
                : plan.crossLowRank(x0, x, down: matrices[0], up: matrices[1], bias: plan.parameter(bias))
        }
        for (layer, (weight, bias)) in zip(deepWeights, deepBiases).enumerated() {
            x = plan.linear(
                x, plan.parameter(weight), bias: plan.parameter(bias), activation: layer < 2 ? .relu : .none)
        }
        return (inputs, plan.binaryCrossEntropy(logits: x, labels: inputs.labels))
    }
}
