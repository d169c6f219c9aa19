import CascadeNN

/// Mean over the negatives of −log σ(s_p − s_j).
///
/// Source: "BPR", Rendle et al. 2009.
struct PairwiseLoss: RetrievalLoss {
    static let name = "bpr"

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        plan.pairwiseContrast(rows.columns, temperature: .constant(Float(settings.temperature)))
    }
}
