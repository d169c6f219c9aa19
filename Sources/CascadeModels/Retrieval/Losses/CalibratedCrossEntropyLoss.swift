import CascadeNN

/// Binary cross-entropy with the positive's probability raised to a power β that takes back the overconfidence of
/// sampling: α = |N| / (|I| − 1), β = t (α − 1) + 1, from t = 0 (none) to t = 1 (all) by `retrieval.calibration`.
///
/// Source: "gBCE", Petrov and Macdonald 2023.
struct CalibratedCrossEntropyLoss: RetrievalLoss {
    static let name = "gbce"

    static func record(_ plan: Plan, _ rows: RetrievalRows, _ settings: RetrievalSettings) -> Value {
        let share = min(1, Double(rows.negatives) / Double(max(1, rows.items - 1)))
        return plan.binaryContrast(
            rows.columns, temperature: .constant(Float(settings.temperature)),
            positiveWeight: Float(settings.calibration * (share - 1) + 1))
    }
}
