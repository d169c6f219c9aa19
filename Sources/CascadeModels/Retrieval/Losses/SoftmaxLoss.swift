import CascadeNN

/// log Σ_{j in N} e^{s_j − s_p}: the positive outside the denominator, nothing corrected.
///
/// Source: "SL" in Yang et al. 2024.
struct SoftmaxLoss: RetrievalLoss {
    static let name = "softmax_loss"

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.sampledSoftmax(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: false, positiveInDenominator: false))
    }
}
