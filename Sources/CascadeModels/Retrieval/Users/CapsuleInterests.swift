import CascadeFeatures
import CascadeNN

/// Interests by dynamic routing of the steps of a past to capsules, through one bilinear map that all share:
///
///     h_t = e(item_t) + code(feedback_t),   û_t = S h_t,   b_tk from fixed random numbers by place and capsule
///     repeated `retrieval.routing` times:
///         w_t = softmax over capsules of b_t
///         v_k = squash(Σ_t w_tk û_t)
///         b_tk ← b_tk + ⟨v_k, û_t⟩
///     interest_k = the last v_k
///
/// Only the last sum has a gradient: û is a constant of the rounds before it. A past of n steps uses
/// max(1, min(K, log₂ n)) capsules, the first ones. What they become is in `CapsuleHead`.
///
/// Source: "MIND", Li et al. 2019.
struct CapsuleInterests: UserEncoder {
    static let name = "mind"
    static let readsItems = false
    static let givesInterests = true

    private let settings: RetrievalSettings
    private let past: PastSteps
    private let bilinear: Parameter
    private let logits: Parameter
    private let head: CapsuleHead

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.settings = settings
        let d = table.dimension
        past = try PastSteps(settings: settings, map: map, store: store, table: table)
        bilinear = try store.parameter("retrieval.bilinear", rows: d, columns: d, .glorot)
        // Equal logits would make all capsules the same. They are not trained: the routing is what tells capsules apart.
        logits = try store.parameter(
            "retrieval.routing", rows: map.retrieval.historyLength, columns: settings.interests, .normal(1),
            options: ParameterOptions(frozen: true))
        head = try CapsuleHead(store, width: d, hidden: settings.hidden)
    }

    /// Capsules that a past of so many steps uses.
    static func inUse(_ steps: Int, of count: Int) -> Int {
        // The whole part of the logarithm, without its rounding.
        steps < 2 ? 1 : max(1, min(count, Int.bitWidth - 1 - steps.leadingZeroBitCount))
    }

    func record(
        _ plan: Plan, capacity: Int, steps: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let count = settings.interests
        let steps = past.record(plan, capacity: capacity)
        let (h, past, context) = (steps.steps, steps.past, steps.context)
        let places = plan.indices(past.steps, name: "history.place")
        let unused = plan.input(steps.features.dimension, columns: count, name: "history.unused")
        let mapped = plan.linear(h, plan.parameter(bilinear))
        let start = plan.add(plan.take(plan.parameter(logits), places), plan.take(unused, context))
        let capsules = route(plan, mapped, start, context, past.offsets)
        return UserTower(
            vectors: head.record(plan, capsules, features: steps.features, length: past.length), steps: nil,
            interests: UserInterests(count: count, unused: unused, inUse: { Self.inUse($0, of: count) })
        ) { batch, plan in
            try steps.load(batch, into: plan)
            plan.integers(places).copy(batch.historyAge)
            let out = plan.floats(unused)
            for number in 0..<batch.contexts {
                let own = Int(batch.historyOffsets[number + 1] - batch.historyOffsets[number])
                let used = Self.inUse(own, of: count)
                for capsule in 0..<count {
                    out[number * count + capsule] = capsule < used ? 0 : UserInterests.outOfUse
                }
            }
        }
    }

    /// The K capsules [C × d] after all rounds.
    private func route(
        _ plan: Plan, _ mapped: Value, _ start: Value, _ context: Indices, _ offsets: Offsets
    ) -> [Value] {
        func capsules(_ x: Value, _ logits: Value) -> [Value] {
            let weights = plan.softmax(logits)
            return (0..<settings.interests).map {
                plan.squash(
                    plan.segmentWeightedSum(x, weights: plan.slice(weights, columns: $0..<($0 + 1)), offsets))
            }
        }
        let constant = plan.stopGradient(mapped)
        var logits = start
        for _ in 1..<max(1, settings.routing) {
            let agreed = capsules(constant, logits).map { plan.rowDot(plan.take($0, context), constant) }
            logits = plan.add(logits, plan.concat(agreed))
        }
        return capsules(mapped, logits)
    }
}
