import CascadeFeatures
import CascadeNN

/// The counters of a row as columns: each encoded number through a small linear map of its own.
struct CounterColumns {
    /// Columns of what it gives.
    let width: Int
    private let groups: Int
    private let numericWidth: Int
    private let weight: Parameter
    private let bias: Parameter

    /// Nil where nothing is counted; `embedding` is the columns a number becomes.
    init?(_ store: ParameterStore, map: FeatureMap, embedding: Int) throws {
        groups = map.counterLayout.columns
        guard groups > 0 else { return nil }
        numericWidth = map.numericWidth
        width = groups * embedding
        weight = try store.parameter(
            "ranker.counters.weight", rows: groups * numericWidth, columns: embedding, .normal(0.1))
        bias = try store.parameter("ranker.counters.bias", rows: 1, columns: width, .zeros)
    }

    /// The input of encoded numbers: [R × counters · T].
    func recordInput(_ plan: Plan, _ rows: Dimension) -> Value {
        plan.input(rows, columns: groups * numericWidth, name: "row.counters")
    }

    /// [R × width].
    func record(_ plan: Plan, _ input: Value) -> Value {
        plan.groupedLinear(input, groups: groups, weight: plan.parameter(weight), bias: plan.parameter(bias))
    }
}
