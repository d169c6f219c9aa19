import CascadeFeatures
import CascadeNN

/// The past as a weighted sum, then a hidden layer; without one (`retrieval.hidden: 0`), the sum of past and features.
///
///     past  = 3 / (1 + n) · Σ_steps g(code) · (h₁(item) + h₂(item))     h: two rows of the unified table
///     user  = normalize(W₂ relu(W₁ [past ; Σ user lookups + A · numbers ; log(1 + n) / 4] + b₁) + b₂)
///
/// `g` is a learned weight of each feedback code, so a step that was liked can count for more than one that was passed
/// over. Steps have no place: training leaves one interaction out of the whole past, so that those after it are there too, and how
/// old a step is says nothing of the one to be found. Steps are dropped at random in training, so that no user is told by one item alone.
struct PooledUsers: UserEncoder {
    static let name = "pooled"
    static let readsItems = false

    private let settings: RetrievalSettings
    private let map: FeatureMap
    private let table: Table
    private let users: SummedEntity
    private let gate: Parameter
    /// Nil without a hidden layer.
    private let layers: Layers?

    private struct Layers {
        let hiddenWeight: Parameter
        let hiddenBias: Parameter
        let outputWeight: Parameter
        let outputBias: Parameter

        init(_ store: ParameterStore, from width: Int, hidden: Int, to d: Int) throws {
            hiddenWeight = try store.parameter("retrieval.hidden.weight", rows: width, columns: hidden, .he)
            hiddenBias = try store.parameter("retrieval.hidden.bias", rows: 1, columns: hidden, .zeros)
            outputWeight = try store.parameter("retrieval.output.weight", rows: hidden, columns: d, .glorot)
            outputBias = try store.parameter("retrieval.output.bias", rows: 1, columns: d, .zeros)
        }

        func record(_ plan: Plan, _ x: Value) -> Value {
            let hidden = plan.linear(
                x, plan.parameter(hiddenWeight), bias: plan.parameter(hiddenBias), activation: .relu)
            return plan.linear(hidden, plan.parameter(outputWeight), bias: plan.parameter(outputBias))
        }
    }

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.table = table
        self.settings = settings
        self.map = map
        let space = map.retrieval
        let width = map.numericWidth
        users = try SummedEntity(
            store, name: "retrieval.user", layout: space.users, table: table, numericWidth: width)
        let d = space.table.dimension
        gate = try store.parameter("retrieval.gate", rows: map.historyCodes, columns: 1, .constant(0.8))
        layers =
            settings.hidden == 0 ? nil : try Layers(store, from: 2 * d + 1, hidden: settings.hidden, to: d)
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let (inputs, own) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let contexts = inputs.dimension
        let reading = interests?.record(plan, contexts: contexts)
        let features = reading.map { $0.input(plan, $0.withOwn(plan, own)) } ?? own
        let perStep = map.retrieval.items.historyLookups
        let longest = map.retrieval.historyLength * perStep
        let steps = plan.dimension("steps", capacity: capacity * longest)
        let rows = plan.indices(steps, name: "history.rows")
        let codes = plan.indices(steps, name: "history.codes")
        let offsets = plan.offsets(segments: contexts, of: steps, maximumLength: longest, name: "history")
        let scale = plan.input(contexts, columns: 1, name: "history.scale")
        let length = plan.input(contexts, columns: 1, name: "history.length")

        let weights = plan.dropout(plan.take(plan.parameter(gate), codes), rate: Float(settings.historyDropout))
        let sum = plan.gatherPooled(table, rows, offsets, mode: .sum, weights: weights)
        // The sum of the steps times a vector is the sum of the steps that were each multiplied by it.
        let mean = plan.scaleRows(sum, by: scale)
        let past = reading?.input(plan, mean) ?? mean
        let read = layers?.record(plan, plan.concat([past, features, length])) ?? plan.add(past, features)
        let output = reading?.output(plan, read) ?? read
        return UserTower(vectors: plan.normalizeRows(output), steps: nil) { [users] batch, plan in
            try users.load(batch.users, into: plan, inputs)
            reading?.load(batch.contextReading, into: plan)
            try plan.setCount(steps, batch.historyLookups.count)
            plan.integers(rows).copy(batch.historyLookups)
            let codeTarget = plan.integers(codes)
            for (step, code) in batch.historyCode.enumerated() {
                for lookup in 0..<perStep { codeTarget[step * perStep + lookup] = code }
            }
            let offsetTarget = plan.integers(offsets)
            let scaleTarget = plan.floats(scale)
            let lengthTarget = plan.floats(length)
            offsetTarget[0] = 0
            for context in 0..<batch.contexts {
                let count = batch.historyOffsets[context + 1] - batch.historyOffsets[context]
                offsetTarget[context + 1] = batch.historyOffsets[context + 1] * Int32(perStep)
                scaleTarget[context] = 3 / (1 + Float(count))
                lengthTarget[context] = PastInputs.length(count)
            }
        }
    }
}
