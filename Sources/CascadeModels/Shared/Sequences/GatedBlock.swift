import CascadeNN

/// x ← x + σ(W x) ⊙ dropout(attention(norm x)), then x ← x + σ(V x) ⊙ dropout(SwiGLU(norm x)),
/// SwiGLU(h) = W₃ (silu(W₁ h) ⊙ W₂ h).
struct GatedBlock: SequenceBlock {
    static let towerName = "gated"

    private let attention: SelfAttentionLayer
    private let norms: [LayerNorm]
    private let gates: [Dense]
    private let switched: Dense
    private let linear: Dense
    private let down: Dense
    private let dropout: Float

    init(_ store: ParameterStore, name: String, shape: BlockShape) throws {
        let width = shape.width
        attention = try SelfAttentionLayer(store, name: name, shape: shape)
        norms = try (0..<2).map { try LayerNorm(store, name: "\(name).norm.\($0)", width: width) }
        gates = try (0..<2).map { try Dense(store, name: "\(name).gate.\($0)", from: width, to: width) }
        switched = try Dense(store, name: "\(name).switched", from: width, to: shape.hidden)
        linear = try Dense(store, name: "\(name).linear", from: width, to: shape.hidden)
        down = try Dense(store, name: "\(name).down", from: shape.hidden, to: width)
        dropout = shape.dropout
    }

    func record(_ plan: Plan, _ x: Value, _ offsets: Offsets) -> Value {
        let attended = attention.record(plan, norms[0].record(plan, x), offsets)
        let between = gated(plan, x, attended, gates[0])
        let h = norms[1].record(plan, between)
        let mixed = plan.multiply(switched.record(plan, h, activation: .silu), linear.record(plan, h))
        return gated(plan, between, down.record(plan, mixed), gates[1])
    }

    private func gated(_ plan: Plan, _ x: Value, _ change: Value, _ gate: Dense) -> Value {
        let kept = dropout > 0 ? plan.dropout(change, rate: dropout) : change
        return plan.add(x, plan.multiply(gate.record(plan, x, activation: .sigmoid), kept))
    }
}
