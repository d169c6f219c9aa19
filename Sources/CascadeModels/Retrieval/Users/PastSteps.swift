import CascadeFeatures
import CascadeNN

/// What towers share that weigh the steps of a past: the user's features, and each step as the sum of its item's rows and of
/// its feedback.
///
///     h_t = e(item_t) + code(feedback_t), whole steps dropped in training
struct PastSteps {
    private let map: FeatureMap
    private let table: Table
    private let users: SummedEntity
    private let codes: Parameter
    private let dropped: Float

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.map = map
        self.table = table
        dropped = Float(settings.historyDropout)
        users = try SummedEntity(
            store, name: "retrieval.user", layout: map.retrieval.users, table: table, numericWidth: map.numericWidth)
        codes = try store.parameter("retrieval.code", rows: map.historyCodes, columns: table.dimension, .normal(0.02))
    }

    /// The steps of a batch in a plan.
    struct Recorded {
        fileprivate let users: SummedEntity
        fileprivate let inputs: SummedEntity.Inputs
        let past: PastInputs
        /// [S] the context of each step.
        let context: Indices
        /// [C × d]
        let features: Value
        /// [S × d]
        let steps: Value

        func load(_ batch: Batch, into plan: Plan) throws {
            try users.load(batch.users, into: plan, inputs)
            try past.load(batch, into: plan)
            let contexts = plan.integers(context)
            for number in 0..<batch.contexts {
                for step in Int(batch.historyOffsets[number])..<Int(batch.historyOffsets[number + 1]) {
                    contexts[step] = Int32(number)
                }
            }
        }
    }

    /// Records the steps of at most `capacity` contexts.
    func record(_ plan: Plan, capacity: Int) -> Recorded {
        let (inputs, features) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let past = PastInputs(plan, contexts: inputs.dimension, capacity: capacity, map: map)
        let context = plan.indices(past.steps, name: "history.context")
        let h = plan.add(past.vectors(plan, table), plan.take(plan.parameter(codes), past.codes))
        let steps = plan.scaleRows(h, by: plan.dropout(past.ones, rate: dropped))
        return Recorded(
            users: users, inputs: inputs, past: past, context: context, features: features, steps: steps)
    }
}
