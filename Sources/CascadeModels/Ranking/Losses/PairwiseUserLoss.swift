import CascadeNN

/// Pairs of a user's rows of which one gave the signal and the other did not: `log(1 + exp(−(s⁺ − s⁻)))`, or with a margin
/// `max(0, margin − (s⁺ − s⁻))`; beside the cross-entropy, which keeps the logits those of probabilities:
///
///     L = (1 − w) · cross-entropy + w · pairs
struct PairwiseUserLoss: RankerLoss {
    static let name = "pairwise"

    private let margin: Float
    private let weight: Float
    private let pointwise: CrossEntropyLoss

    init(_ store: ParameterStore, heads: Int, settings: RankerSettings) throws {
        margin = Float(settings.pairwiseMargin)
        weight = Float(settings.pairwiseWeight)
        pointwise = try CrossEntropyLoss(store, heads: heads, settings: settings)
    }

    var readsGroups: Bool { true }

    func record(_ plan: Plan, _ rows: LossRows) -> Value {
        guard let groups = rows.groups else { return pointwise.record(plan, rows) }
        let pairs =
            margin > 0
            ? plan.pairwiseHinge(
                logits: rows.logits, labels: rows.labels, weights: rows.weights, groups, margin: margin)
            : plan.pairwiseLogistic(logits: rows.logits, labels: rows.labels, weights: rows.weights, groups)
        guard weight < 1 else { return pairs }
        return plan.weightedSum([(pointwise.record(plan, rows), 1 - weight), (pairs, weight)])
    }
}
