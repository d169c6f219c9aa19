import CascadeNN

/// x ← x + dropout(attention(norm x)), then x ← x + dropout(W₂ dropout(relu(W₁ norm x))).
struct TransformerBlock: SequenceBlock {
    static let towerName = "sasrec"

    private let attention: SelfAttentionLayer
    private let first: LayerNorm
    private let second: LayerNorm
    private let up: Dense
    private let down: Dense
    private let dropout: Float

    init(_ store: ParameterStore, name: String, shape: BlockShape) throws {
        let width = shape.width
        attention = try SelfAttentionLayer(store, name: name, shape: shape)
        first = try LayerNorm(store, name: "\(name).norm.0", width: width)
        second = try LayerNorm(store, name: "\(name).norm.1", width: width)
        up = try Dense(store, name: "\(name).up", from: width, to: shape.hidden)
        down = try Dense(store, name: "\(name).down", from: shape.hidden, to: width)
        dropout = shape.dropout
    }

    func record(_ plan: Plan, _ x: Value, _ offsets: Offsets) -> Value {
        func drop(_ x: Value) -> Value { dropout > 0 ? plan.dropout(x, rate: dropout) : x }
        let attended = plan.add(x, drop(attention.record(plan, first.record(plan, x), offsets)))
        let hidden = drop(up.record(plan, second.record(plan, attended), activation: .relu))
        return plan.add(attended, drop(down.record(plan, hidden)))
    }
}
