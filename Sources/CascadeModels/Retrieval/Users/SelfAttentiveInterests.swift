import CascadeFeatures
import CascadeNN

/// K interests, each an attention of its own over the past:
///
///     h_t        = e(item_t) + code(feedback_t)
///     A          = softmax over steps of W₂ tanh(W₁ (h_t + position(octave of steps since)) + b₁)      [steps × K]
///     user_k     = normalize(Σ_t A_tk h_t + features)
///
/// The inner width is `retrieval.hidden` (published: 4 d). The features are there so that a user without a past is told by
/// something. A hidden layer behind the sums, as other towers have, let each vector stand for what everybody likes, and
/// lists became those of popularity.
///
/// Source: "ComiRec-SA", Cen et al. 2020.
struct SelfAttentiveInterests: UserEncoder {
    static let name = "comirec_sa"
    static let readsItems = false
    static let givesInterests = true

    private let settings: RetrievalSettings
    private let past: PastSteps
    private let positions: Parameter
    private let inner: Dense
    private let attention: Parameter

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.settings = settings
        let d = table.dimension
        past = try PastSteps(settings: settings, map: map, store: store, table: table)
        positions = try store.parameter("retrieval.position", rows: PastInputs.octaves, columns: d, .normal(0.02))
        inner = try Dense(store, name: "retrieval.inner", from: d, to: settings.hidden)
        // A bias would be the same for all steps, and so for none.
        attention = try store.parameter(
            "retrieval.attention", rows: settings.hidden, columns: settings.interests, .glorot)
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let steps = past.record(plan, capacity: capacity)
        let (h, past, features) = (steps.steps, steps.past, steps.features)
        let placed = plan.add(h, plan.take(plan.parameter(positions), past.ages))
        let heard = plan.linear(inner.record(plan, placed, activation: .tanh), plan.parameter(attention))
        let weights = plan.segmentSoftmax(heard, past.offsets)
        let interests = (0..<settings.interests).map {
            plan.segmentWeightedSum(h, weights: plan.slice(weights, columns: $0..<($0 + 1)), past.offsets)
        }
        let count = settings.interests
        return UserTower(
            vectors: plan.concat(interests.map { plan.normalizeRows(plan.add($0, features)) }), steps: nil,
            interests: UserInterests(count: count, unused: nil, inUse: { _ in count })
        ) { batch, plan in
            try steps.load(batch, into: plan)
        }
    }
}
