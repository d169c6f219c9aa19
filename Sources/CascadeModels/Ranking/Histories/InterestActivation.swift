import CascadeNN

/// Each step weighs what a small network makes of it and the candidate; the weights are not normalised, so that their sum
/// tells how much of the past speaks for the candidate:
///
///     a_s = W₂ silu(W₁ [t ; h_s ; t − h_s ; t ⊙ h_s]),  out = Σ_s a_s h_s
///
/// Source: Zhou et al. 2018, "Deep Interest Network", with SiLU in place of Dice, whose statistics over a batch would let
/// a score depend on what else is scored.
struct InterestActivation: HistoryEncoder {
    static let name = "din"

    let width: Int
    private let vectors: StepVectors
    private let target: Dense
    private let inner: Dense
    private let outer: Dense

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        width = settings.historyWidth
        vectors = try StepVectors(store, name: "ranker.history.step", shape: shape, width: width)
        target = try Dense(store, name: "ranker.history.target", from: shape.itemWidth, to: width)
        inner = try Dense(store, name: "ranker.history.inner", from: 4 * width, to: 2 * width)
        outer = try Dense(store, name: "ranker.history.outer", from: 2 * width, to: 1)
    }

    var stepWidths: [Int] { [width] }
    var questionWidth: Int { width }
    var unrolling: Unrolling { .steps }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] { [vectors.record(plan, steps)] }

    func recordQuestions(_ plan: Plan, _ candidates: Value) -> Value { target.record(plan, candidates) }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        guard let unrolled = rows.unrolled else { return rows.questions }
        let step = plan.take(rows.steps[0], unrolled.step)
        let asked = plan.take(rows.questions, unrolled.row)
        let together = plan.concat([asked, step, plan.subtract(asked, step), plan.multiply(asked, step)])
        let weights = outer.record(plan, inner.record(plan, together, activation: .silu))
        return plan.segmentWeightedSum(step, weights: weights, unrolled.offsets)
    }
}
