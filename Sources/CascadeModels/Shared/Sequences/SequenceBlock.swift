import CascadeNN

/// A transformer layer over ragged sequences: [S × d] → [S × d].
protocol SequenceBlock: Sendable {
    /// The user tower of the retrieval model that a stack of these blocks is.
    static var towerName: String { get }
    init(_ store: ParameterStore, name: String, shape: BlockShape) throws
    func record(_ plan: Plan, _ x: Value, _ offsets: Offsets) -> Value
}

/// The sizes of a transformer layer.
struct BlockShape: Sendable {
    let width: Int
    let heads: Int
    /// Width of the position-wise network.
    let hidden: Int
    let dropout: Float
    /// Whether a step sees only itself and those before it.
    let causal: Bool
}

/// Multi-head self-attention over ragged sequences, with its four projections.
struct SelfAttentionLayer {
    private let query: Dense
    private let key: Dense
    private let value: Dense
    private let output: Dense
    private let shape: BlockShape

    init(_ store: ParameterStore, name: String, shape: BlockShape) throws {
        self.shape = shape
        func map(_ part: String) throws -> Dense {
            try Dense(store, name: "\(name).\(part)", from: shape.width, to: shape.width)
        }
        query = try map("query")
        key = try map("key")
        value = try map("value")
        output = try map("output")
    }

    func record(_ plan: Plan, _ x: Value, _ offsets: Offsets) -> Value {
        let attended = plan.selfAttention(
            query: query.record(plan, x), key: key.record(plan, x), value: value.record(plan, x), offsets,
            heads: shape.heads, causal: shape.causal)
        return output.record(plan, attended)
    }
}
