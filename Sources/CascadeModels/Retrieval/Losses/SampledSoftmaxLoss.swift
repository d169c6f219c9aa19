import CascadeNN

/// Softmax over the positive and sampled negatives, these corrected by the log of the probability that they are among
/// the columns.
struct SampledSoftmaxLoss: RetrievalLoss {
    static let name = "sampled_softmax"
    static let correction = SamplingCorrection.inclusion

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.sampledSoftmax(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            options: .init(positiveCorrected: false, positiveInDenominator: true))
    }
}
