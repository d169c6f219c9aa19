import CascadeNN

/// The softmax loss with each row weighted by how near its item is to the head of the user's list:
/// σ((cos_p − β) / τ_w) log Σ_{j in N} e^{s_j − s_p}, β the K-th highest cosine of the user, estimated after the first epoch and every fifth.
///
/// K is `retrieval.head`, τ_w `retrieval.head_temperature`. Source: "SL@K", Yang et al. 2025.
struct HeadSoftmaxLoss: RetrievalLoss {
    static let name = "softmax_loss_at_k"
    static let weighsHead = true

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        let temperature = Float(settings.temperature)
        let head = rows.thresholds.map {
            HeadWeighting(
                thresholds: plan.scale($0, by: 1 / temperature),
                sharpness: temperature / Float(settings.headTemperature))
        }
        return plan.sampledSoftmax(
            rows.columns, temperature: .constant(temperature),
            options: .init(positiveCorrected: false, positiveInDenominator: false), head: head)
    }
}
