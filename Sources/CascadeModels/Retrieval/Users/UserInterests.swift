import CascadeNN

/// The several vectors by which a tower tells a user, side by side in `UserTower.vectors`.
package struct UserInterests {
    /// K
    package let count: Int
    /// [C × K] zeros, and `outOfUse` for the vectors that a past is too short for; nil where all are always in use.
    let unused: Value?
    /// How many are in use after so many steps: the first ones.
    package let inUse: @Sendable (Int) -> Int

    /// Far below every logit, and still a number.
    static let outOfUse: Float = -10_000

    /// What each row is trained by, given the vector of the item that it is to find: the interest that the item is nearest
    /// to; or, with `retrieval.label_attention` p above 0, the mean of all by softmax(p · cosine / temperature), which comes
    /// to the same for a large p.
    ///
    /// Published label-aware attention raises inner products to the power p. Those here are cosines, which a power makes
    /// alike instead of apart, so p multiplies.
    func readOut(_ plan: Plan, _ vectors: Value, targets: Value, _ settings: RetrievalSettings) -> Value {
        let parts = (0..<count).map {
            plan.slice(vectors, columns: ($0 * targets.columns)..<(($0 + 1) * targets.columns))
        }
        var logits = plan.concat(parts.map { plan.rowDot($0, targets) })
        let isHard = settings.labelAttention == 0
        if !isHard { logits = plan.scale(logits, by: Float(settings.labelAttention / settings.temperature)) }
        if let unused { logits = plan.add(logits, unused) }
        let gates = plan.softmax(logits)
        // The gate of a single choice is 1 whatever the logits are, so the choice has no gradient. A mean keeps its length:
        // made as long as one, it would not matter what of its interests cancels, and each would be worth little alone.
        return plan.mixture(experts: parts, gates: isHard ? plan.topKGates(gates, k: 1) : gates)
    }
}
