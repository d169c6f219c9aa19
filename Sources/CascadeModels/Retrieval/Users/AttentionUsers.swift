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

    private let past: PastSteps
    private let ages: Parameter
    private let key: Dense
    private let query: Dense
    private let hidden: Dense
    private let output: Dense

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        let d = table.dimension
        past = try PastSteps(settings: settings, map: map, store: store, table: table)
        ages = try store.parameter("retrieval.age", rows: PastInputs.octaves, columns: 1, .zeros)
        key = try Dense(store, name: "retrieval.key", from: d, to: d)
        query = try Dense(store, name: "retrieval.query", from: d, to: d)
        hidden = try Dense(store, name: "retrieval.hidden", from: 3 * d + 1, to: settings.hidden)
        output = try Dense(store, name: "retrieval.output", from: settings.hidden, to: d)
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let steps = past.record(plan, capacity: capacity)
        let (past, context) = (steps.past, steps.context)
        let reading = interests?.record(plan, contexts: steps.features.dimension)
        let features = reading.map { $0.input(plan, $0.withOwn(plan, steps.features)) } ?? steps.features
        let h = reading?.input(plan, steps.steps, of: context) ?? steps.steps
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
        return UserTower(vectors: plan.normalizeRows(vectors), steps: nil) { batch, plan in
            try steps.load(batch, into: plan)
            reading?.load(batch.contextReading, into: plan)
        }
    }
}
