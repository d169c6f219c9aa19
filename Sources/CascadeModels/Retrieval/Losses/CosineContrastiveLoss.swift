import CascadeNN

/// (1 − cos_p) + (μ / |N|) Σ_{j in N} max(0, cos_j − m), without a temperature.
///
/// m is `retrieval.margin`, μ `retrieval.negative_weight`. Source: "CCL", Mao et al. 2021.
struct CosineContrastiveLoss: RetrievalLoss {
    static let name = "ccl"

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.cosineContrast(
            rows.columns, margin: Float(settings.margin), negativeWeight: Float(settings.negativeWeight))
    }
}
