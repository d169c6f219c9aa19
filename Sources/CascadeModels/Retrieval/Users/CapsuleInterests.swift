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
    private let map: FeatureMap
    private let table: Table
    private let users: SummedEntity
    private let codes: Parameter
    private let bilinear: Parameter
    private let logits: Parameter
    private let head: CapsuleHead

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.settings = settings
        self.map = map
        self.table = table
        let d = table.dimension
        users = try SummedEntity(
            store, name: "retrieval.user", layout: map.retrieval.users, table: table, numericWidth: map.numericWidth)
        codes = try store.parameter("retrieval.code", rows: map.historyCodes, columns: d, .normal(0.02))
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
        let (inputs, features) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let past = PastInputs(plan, contexts: inputs.dimension, capacity: capacity, map: map)
        let places = plan.indices(past.steps, name: "history.place")
        let context = plan.indices(past.steps, name: "history.context")
        let unused = plan.input(inputs.dimension, columns: count, name: "history.unused")
        var h = plan.add(past.vectors(plan, table), plan.take(plan.parameter(codes), past.codes))
        h = plan.scaleRows(h, by: plan.dropout(past.ones, rate: Float(settings.historyDropout)))
        let mapped = plan.linear(h, plan.parameter(bilinear))
        let start = plan.add(plan.take(plan.parameter(logits), places), plan.take(unused, context))
        let capsules = route(plan, mapped, start, context, past.offsets)
        return UserTower(
            vectors: head.record(plan, capsules, features: features, length: past.length), steps: nil,
            interests: UserInterests(count: count, unused: unused, inUse: { Self.inUse($0, of: count) })
        ) { [users] batch, plan in
            try users.load(batch.users, into: plan, inputs)
            try past.load(batch, into: plan)
            plan.integers(places).copy(batch.historyAge)
            let contexts = plan.integers(context)
            let out = plan.floats(unused)
            for number in 0..<batch.contexts {
                let own = Int(batch.historyOffsets[number])..<Int(batch.historyOffsets[number + 1])
                for step in own { contexts[step] = Int32(number) }
                let used = Self.inUse(own.count, of: count)
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
