package import CascadeFeatures
package import CascadeNN

/// What the ranker knows of items: I of them.
package struct RankerItems {
    /// Nil where the vectors are inputs.
    let inputs: EntityInputs?
    /// [I × item width].
    package let vectors: Value
    /// [I × question width] what they ask of a past as candidates; nil where each row works that out.
    var questions: Value?

    package func load(_ batch: Batch, into plan: Plan) throws { try inputs?.load(batch.items, into: plan) }
}

/// The inputs of the steps of contexts: H of them.
struct StepInputs {
    private let item: Indices
    private let code: Indices
    private let age: Indices
    private let gap: Indices?
    let offsets: Offsets

    init(_ plan: Plan, contexts: Dimension, capacity: Int, map: FeatureMap) {
        let longest = map.ranker.historyLength
        let steps = plan.dimension("steps", capacity: capacity * longest)
        item = plan.indices(steps, name: "history.item")
        code = plan.indices(steps, name: "history.code")
        age = plan.indices(steps, name: "history.age")
        gap = map.ranker.times == nil ? nil : plan.indices(steps, name: "history.gap")
        offsets = plan.offsets(segments: contexts, of: steps, maximumLength: longest, name: "history")
    }

    /// The steps as encoders read them, pointing into `items`.
    func of(_ items: Value) -> HistorySteps {
        HistorySteps(items: items, item: item, code: code, age: age, gap: gap)
    }

    func load(_ batch: Batch, into plan: Plan) {
        plan.integers(item).copy(batch.historyItem)
        plan.integers(code).copy(batch.historyCode)
        plan.integers(age).copy(batch.historyAge)
        if let gap { plan.integers(gap).copy(batch.historySeconds.map { TimeFeatures.bucket(seconds: $0) }) }
    }
}

/// What the ranker knows of contexts: C of them, with H steps.
package struct RankerContexts {
    /// Nil, as the next, where the values below are inputs.
    let users: EntityInputs?
    let inputs: StepInputs?
    /// [C × time lookups] of hour and weekday; nil too where no times are read.
    let clock: Indices?
    package let offsets: Offsets
    /// [C × context width].
    package let vectors: Value
    /// [H × …] what the history encoder computed of steps.
    package let steps: [Value]

    package func load(_ batch: Batch, into plan: Plan) throws {
        try users?.load(batch.users, into: plan)
        try plan.setCount(offsets.items, batch.steps)
        plan.integers(offsets).copy(batch.historyOffsets)
        inputs?.load(batch, into: plan)
        if let clock { plan.integers(clock).copy(batch.contextLookups) }
    }

    /// Copies one context that was computed elsewhere into a plan whose context part is inputs.
    func load(_ context: RankerContext, into plan: Plan) throws {
        try plan.setCount(vectors.dimension, 1)
        try plan.setCount(offsets.items, context.count)
        plan.integers(offsets).copy(context.historyOffsets)
        plan.floats(vectors).copy(context.vector)
        for (value, step) in zip(steps, context.steps) { plan.floats(value).copy(step) }
    }
}

/// The one context of all rows of a pass, whose part of them is computed once.
package struct SharedContext {
    let factoring: Factoring
    /// [1 × context width].
    let vector: Value
}

/// The rows of the ranker: R of them.
package struct RankerRows {
    package let rows: Dimension
    let context: Indices
    let item: Indices
    let unrolled: UnrolledSteps?
    let counters: Value?
    /// [R × tower columns]; nil where no towers are read.
    let towers: Value?
    /// [R × heads].
    package let logits: Value
    /// [R × heads] for what teachers foretold; only in training, and where the settings ask for it.
    package let taught: Value?
    /// One a value head, [R × its columns].
    package let values: [Value]

    /// Copies the rows of `batch` into the plan.
    ///
    /// - Parameters:
    ///   - historyOffsets: [contexts + 1] where the steps of each context begin; nil takes those of the batch.
    ///   - historySeconds: [H] seconds from each step to the moment of its context, where times are read; likewise.
    ///   - told: [R × tower columns], where towers are read; empty writes zeros.
    package func load(
        _ batch: Batch, historyOffsets: [Int32]? = nil, historySeconds: [Int32]? = nil, towers told: [Float] = [],
        into plan: Plan
    ) throws {
        try plan.setCount(rows, batch.rows)
        plan.integers(context).copy(batch.rowContext)
        plan.integers(item).copy(batch.rowItem)
        try unrolled?.load(
            batch, historyOffsets: historyOffsets ?? batch.historyOffsets,
            historySeconds: historySeconds ?? batch.historySeconds, into: plan)
        if let counters { plan.floats(counters).copy(batch.counters) }
        guard let towers else { return }
        if told.isEmpty { plan.floats(towers).update(repeating: 0) } else { plan.floats(towers).copy(told) }
    }
}
