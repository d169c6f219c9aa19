import CascadeNN

/// Layers `relu(W x + b)` with dropout behind each, then a linear map to the heads.
struct DeepNetwork {
    private let layers: [(weight: Parameter, bias: Parameter)]
    private let headWeight: Parameter
    private let headBias: Parameter
    private let dropout: Float

    init(
        _ store: ParameterStore, name: String, input: Int, widths: [Int], outputs: Int, dropout: Double
    ) throws {
        var layers: [(weight: Parameter, bias: Parameter)] = []
        var width = input
        for (index, next) in widths.enumerated() {
            layers.append(
                (
                    try store.parameter("\(name).\(index).weight", rows: width, columns: next, .he),
                    try store.parameter("\(name).\(index).bias", rows: 1, columns: next, .zeros)
                ))
            width = next
        }
        self.layers = layers
        headWeight = try store.parameter("\(name).heads.weight", rows: width, columns: outputs, .glorot)
        headBias = try store.parameter("\(name).heads.bias", rows: 1, columns: outputs, .zeros)
        self.dropout = Float(dropout)
    }

    /// [R × input] → [R × outputs].
    func record(_ plan: Plan, _ input: Value) -> Value {
        let hidden = layers.reduce(input) { value, layer in
            let next = plan.linear(
                value, plan.parameter(layer.weight), bias: plan.parameter(layer.bias), activation: .relu)
            return dropout > 0 ? plan.dropout(next, rate: dropout) : next
        }
        return plan.linear(hidden, plan.parameter(headWeight), bias: plan.parameter(headBias))
    }
}
