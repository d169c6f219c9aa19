import CascadeNN

/// The mixture of low-rank cross layers of DCN-v2:
///
///     x_{l+1} = Σ_i G_i(x_l) E_i(x_l) + x_l        G = softmax of a linear map of x_l
///     E_i(x)  = x₀ ⊙ (U_i tanh(C_i tanh(V_i x)) + b)
///
/// Source: Wang et al. 2021, "DCN V2", arXiv 2008.13535, equations 3 and 4; a bias for all experts of a layer.
struct CrossMixture: WholeRowInteraction {
    static let name = "cross_mixture"

    private struct Expert {
        let down: Parameter
        let inner: Parameter
        let up: Parameter
    }

    private struct Layer {
        let experts: [Expert]
        let gate: Dense
        let bias: Parameter
    }

    let width: Int
    private let layers: [Layer]

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        let width = fields.width
        let rank = settings.crossRank == 0 ? width : min(settings.crossRank, width)
        let scale = 1 / Float(rank).squareRoot()
        self.width = width
        layers = try (0..<settings.crossLayers).map { index in
            let prefix = "\(name).\(index)"
            return Layer(
                experts: try (0..<settings.crossExperts).map { expert in
                    let prefix = "\(prefix).expert.\(expert)"
                    return Expert(
                        down: try store.parameter(
                            "\(prefix).down", rows: width, columns: rank, .normal(1 / Float(width).squareRoot())),
                        inner: try store.parameter("\(prefix).inner", rows: rank, columns: rank, .normal(scale)),
                        up: try store.parameter("\(prefix).up", rows: rank, columns: width, .normal(0.5 * scale)))
                },
                gate: try Dense(store, name: "\(prefix).gate", from: width, to: settings.crossExperts),
                bias: try store.parameter("\(prefix).bias", rows: 1, columns: width, .zeros, options: .withoutDecay))
        }
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        layers.reduce(input) { value, layer in
            let experts = layer.experts.map { expert in
                let low = plan.linear(value, plan.parameter(expert.down), activation: .tanh)
                return plan.linear(
                    plan.linear(low, plan.parameter(expert.inner), activation: .tanh), plan.parameter(expert.up),
                    bias: plan.parameter(layer.bias))
            }
            let mixed = plan.mixture(experts: experts, gates: plan.softmax(layer.gate.record(plan, value)))
            return plan.add(plan.multiply(input, mixed), value)
        }
    }
}
