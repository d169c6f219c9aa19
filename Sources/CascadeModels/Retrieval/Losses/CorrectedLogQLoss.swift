import CascadeNN

/// Importance-sampled gradient of the full softmax: the positive outside the denominator, weighted by 1 − P(positive).
///
/// Source: Khrylchenko et al. 2025.
struct CorrectedLogQLoss: RetrievalLoss {
    static let name = "corrected_logq"
    static let correction = SamplingCorrection.share

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.sampledSoftmax(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: false, positiveInDenominator: false, posteriorWeighted: true))
    }
}
