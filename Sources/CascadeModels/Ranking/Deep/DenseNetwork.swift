import CascadeNN

/// Layers that read the input and all layers before them: `x_l = layer_l([x₀ ; x₁ ; … ; x_{l−1}])`; the output is all of
/// them but the input side by side.
///
/// Source: Huang et al. 2017, "Densely Connected Convolutional Networks", arXiv 1608.06993, for rows.
struct DenseNetwork: DeepNetwork {
    static let name = "dense"

    let width: Int
    private let layers: [DeepLayer]

    init(_ store: ParameterStore, name: String, input: Int, settings: RankerSettings) throws {
        var layers: [DeepLayer] = []
        var read = input
        for (index, next) in settings.deep.enumerated() {
            layers.append(try DeepLayer(store, name: "\(name).\(index)", from: read, to: next, settings: settings))
            read += next
        }
        self.layers = layers
        width = read - input
    }

    func record(_ input: FactoredRows) -> Value {
        let plan = input.plan
        let whole = input.joined()
        var outputs: [Value] = []
        for layer in layers {
            outputs.append(layer.record(plan, outputs.isEmpty ? whole : plan.concat([whole] + outputs)))
        }
        return outputs.count == 1 ? outputs[0] : plan.concat(outputs)
    }
}
