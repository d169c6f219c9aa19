import CascadeNN

/// Softmax over every item that somebody met: −s_p + log Σ_j e^{s_j}. For catalogs small enough to score whole.
struct FullSoftmaxLoss: RetrievalLoss {
    static let name = "full_softmax"
    static let negatives = RetrievalNegatives.everyItem

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.sampledSoftmax(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: false, positiveInDenominator: true))
    }
}
