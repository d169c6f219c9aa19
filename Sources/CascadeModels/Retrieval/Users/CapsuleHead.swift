import CascadeNN

/// What capsules become before they meet items, the same map for each, so that they differ in what they are of:
///
///     user_k = normalize(W₂ relu(W₁ [interest_k ; features ; log(1 + n) / 4] + b₁) + b₂)
///
/// The last map is linear, since vectors that are compared by cosine point anywhere. A user without a past is told by the
/// features.
struct CapsuleHead {
    private let hidden: Dense
    private let output: Dense

    init(_ store: ParameterStore, width: Int, hidden: Int) throws {
        self.hidden = try Dense(store, name: "retrieval.hidden", from: 2 * width + 1, to: hidden)
        output = try Dense(store, name: "retrieval.output", from: hidden, to: width)
    }

    /// - Parameters:
    ///   - interests: K of [C × d]
    ///   - features: [C × d]
    ///   - length: [C × 1]
    /// - Returns: [C × K·d]
    func record(_ plan: Plan, _ interests: [Value], features: Value, length: Value) -> Value {
        plan.concat(
            interests.map { interest in
                let inner = hidden.record(plan, plan.concat([interest, features, length]), activation: .relu)
                return plan.normalizeRows(output.record(plan, inner))
            })
    }
}
