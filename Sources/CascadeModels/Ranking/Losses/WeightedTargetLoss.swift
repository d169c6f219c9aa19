import CascadeNN

/// One target for all heads, the mean of their outcomes by loss weight, as a soft label of one logit: what several heads
/// are worth is seen beside it.
struct WeightedTargetLoss: RankerLoss {
    static let name = "weighted_target"

    init(_ store: ParameterStore, heads: Int, settings: RankerSettings) throws {}

    var joinsTargets: Bool { true }

    func record(_ plan: Plan, _ rows: LossRows) -> Value {
        plan.binaryCrossEntropy(logits: rows.logits, labels: rows.labels, weights: rows.weights)
    }
}
