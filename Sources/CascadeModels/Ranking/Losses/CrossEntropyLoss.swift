import CascadeNN

/// Binary cross-entropy of every head, weighed by head: by the weights of the settings, or by learned uncertainties too,
/// `Σ_k exp(−s_k) L_k + s_k`.
///
/// Source of the latter: Kendall et al. 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses", arXiv 1705.07115.
struct CrossEntropyLoss: RankerLoss {
    static let name = "binary_cross_entropy"

    private let uncertainty: Parameter?

    init(_ store: ParameterStore, heads: Int, settings: RankerSettings) throws {
        uncertainty =
            settings.learnsWeights
            ? try store.parameter("ranker.uncertainty", rows: 1, columns: heads, .zeros, options: .withoutDecay) : nil
    }

    func record(_ plan: Plan, _ rows: LossRows) -> Value {
        guard let uncertainty else {
            return plan.binaryCrossEntropy(logits: rows.logits, labels: rows.labels, weights: rows.weights)
        }
        let losses = plan.binaryCrossEntropyColumns(
            logits: rows.logits, labels: rows.labels, weights: rows.weights)
        return plan.uncertaintyWeighted(
            losses, logVariances: plan.parameter(uncertainty), over: rows.logits.dimension)
    }
}
