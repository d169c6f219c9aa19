import CascadeFeatures
import CascadeNN

/// The past as a sum that the user's own features and the steps weigh, then a hidden layer.
///
///     h_t  = e(item_t) + code(feedback_t)
///     a_t  = ⟨tanh(A h_t + b), q + Q · features⟩ + age(octave of steps since)
///     past = Σ_t softmax(a)_t h_t
///     user = normalize(W₂ relu(W₁ [past ; mean h ; features ; log(1 + n) / 4] + b₁) + b₂)
///
/// Source: the user attention of Mao et al. 2021 ("SimpleX"), with feedback and age.
struct AttentionUsers: UserEncoder {
    static let name = "attention"
    static let readsItems = false

    private let settings: RetrievalSettings
    private let map: FeatureMap
    private let table: Table
    private let users: SummedEntity
    private let codes: Parameter
    private let ages: Parameter
    private let key: Dense
    private let query: Dense
    private let hidden: Dense
    private let output: Dense

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.settings = settings
        self.map = map
        self.table = table
        let d = table.dimension
        users = try SummedEntity(
            store, name: "retrieval.user", layout: map.retrieval.users, table: table, numericWidth: map.numericWidth)
        codes = try store.parameter("retrieval.code", rows: map.historyCodes, columns: d, .normal(0.02))
        ages = try store.parameter("retrieval.age", rows: PastInputs.octaves, columns: 1, .zeros)
        key = try Dense(store, name: "retrieval.key", from: d, to: d)
        query = try Dense(store, name: "retrieval.query", from: d, to: d)
        hidden = try Dense(store, name: "retrieval.hidden", from: 3 * d + 1, to: settings.hidden)
        output = try Dense(store, name: "retrieval.output", from: settings.hidden, to: d)
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let (inputs, own) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let reading = interests?.record(plan, contexts: inputs.dimension)
        let features = reading?.features(plan, own) ?? own
        let past = PastInputs(plan, contexts: inputs.dimension, capacity: capacity, map: map)
        let context = plan.indices(past.steps, name: "history.context")
        var h = plan.add(past.vectors(plan, table), plan.take(plan.parameter(codes), past.codes))
        h = reading?.input(plan, h, of: context) ?? h
        h = plan.scaleRows(h, by: plan.dropout(past.ones, rate: Float(settings.historyDropout)))
        let asked = plan.take(query.record(plan, features), context)
        let heard = plan.rowDot(key.record(plan, h, activation: .tanh), asked)
        let weights = plan.segmentSoftmax(
            plan.add(heard, plan.take(plan.parameter(ages), past.ages)), past.offsets)
        let parts = [
            plan.segmentWeightedSum(h, weights: weights, past.offsets), plan.segmentMean(h, past.offsets), features,
            past.length,
        ]
        let read = output.record(plan, hidden.record(plan, plan.concat(parts), activation: .relu))
        let vectors = reading?.output(plan, read) ?? read
        return UserTower(vectors: plan.normalizeRows(vectors), steps: nil) { [users] batch, plan in
            try users.load(batch.users, into: plan, inputs)
            reading?.load(batch.contextReading, into: plan)
            try past.load(batch, into: plan)
            let contexts = plan.integers(context)
            for number in 0..<batch.contexts {
                for step in Int(batch.historyOffsets[number])..<Int(batch.historyOffsets[number + 1]) {
                    contexts[step] = Int32(number)
                }
            }
        }
    }
}
