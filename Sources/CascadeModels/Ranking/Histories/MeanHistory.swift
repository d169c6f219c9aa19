import CascadeNN

/// The mean of the steps, whatever the candidate.
struct MeanHistory: HistoryEncoder {
    static let name = "mean"

    let width: Int
    private let vectors: StepVectors

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        width = settings.historyWidth
        vectors = try StepVectors(store, name: "ranker.history.step", shape: shape, width: width)
    }

    var stepWidths: [Int] { [width] }
    var unrolling: Unrolling { .none }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] { [vectors.record(plan, steps)] }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        plan.take(plan.segmentMean(rows.steps[0], rows.offsets), rows.context)
    }
}
