import CascadeNN

/// Sampled softmax with the correction taken off the positive too.
///
/// Source: Yi et al. 2019.
struct LogQLoss: RetrievalLoss {
    static let name = "logq"
    static let correction = SamplingCorrection.inclusion

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.sampledSoftmax(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: true, positiveInDenominator: true))
    }
}
