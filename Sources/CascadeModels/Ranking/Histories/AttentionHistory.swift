import CascadeNN

/// Multi-head attention of the candidate over the steps: `softmax(Q e_i · k_s / √w) v_s`.
struct AttentionHistory: HistoryEncoder {
    static let name = "attention"

    let width: Int
    private let heads: Int
    private let keys: StepVectors
    private let values: StepVectors
    private let query: Parameter
    private let queryBias: Parameter

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        width = settings.historyWidth
        heads = settings.historyHeads
        keys = try StepVectors(store, name: "ranker.history.key", shape: shape, width: width)
        values = try StepVectors(store, name: "ranker.history.value", shape: shape, width: width)
        query = try store.parameter("ranker.history.query", rows: shape.itemWidth, columns: width, .glorot)
        queryBias = try store.parameter(
            "ranker.history.query.bias", rows: 1, columns: width, .zeros, options: .withoutDecay)
    }

    var stepWidths: [Int] { [width, width] }
    var questionWidth: Int { width }
    var unrolling: Unrolling { .none }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] {
        [keys.record(plan, steps), values.record(plan, steps)]
    }

    func recordQuestions(_ plan: Plan, _ candidates: Value) -> Value {
        plan.linear(candidates, plan.parameter(query), bias: plan.parameter(queryBias))
    }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        plan.targetAttention(
            query: rows.questions, keys: rows.steps[0], values: rows.steps[1], rows.offsets,
            segmentOf: rows.context, heads: heads)
    }
}
