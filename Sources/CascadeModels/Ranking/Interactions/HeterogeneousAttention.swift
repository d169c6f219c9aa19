import CascadeNN

/// Attention among fields whose maps differ: each field has a query of its own, and keys and values are made of all fields
/// at once, through a low rank. A learned task token stands before the fields; the last layer computes it alone, and it is
/// what comes out.
///
///     [k₁ … k_L] = [v₁ … v_L] L_k R_k,  values likewise;  q_f = Q_f v_f
///     v_f ← norm(v_f + O_f attention(q_f ; k, values));  v_f ← norm(v_f + D_f gelu(U_f v_f))
///
/// Source: Gui et al. 2023, "Hiformer: Heterogeneous Feature Interactions Learning with Transformers", arXiv 2311.05884.
struct HeterogeneousAttention: WholeRowInteraction {
    static let name = "hiformer"

    private struct Layer {
        let query: Parameter
        let keyDown: Parameter
        let keyUp: Parameter
        let valueDown: Parameter
        let valueUp: Parameter
        let output: Parameter
        let up: Parameter
        let down: Parameter
        let norms: [LayerNorm]
        /// Tokens that query: all, or the task token alone.
        let queries: Int
    }

    let width: Int
    private let vectors: FieldVectors
    private let task: Parameter
    private let tokens: Int
    private let heads: Int
    private let layers: [Layer]

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        let width = settings.fieldWidth
        let tokens = fields.count + 1
        let all = tokens * width
        let rank = settings.fieldRank == 0 ? all : min(settings.fieldRank, all)
        self.width = width
        self.tokens = tokens
        heads = settings.fieldHeads
        vectors = try FieldVectors(store, name: "\(name).fields", fields: fields, width: width)
        task = try store.parameter("\(name).task", rows: 1, columns: width, .normal(0.05))
        layers = try (0..<settings.fieldLayers).map { index in
            let queries = index == settings.fieldLayers - 1 ? 1 : tokens
            let own = 1 / Float(width).squareRoot()
            func weight(_ part: String, _ rows: Int, _ columns: Int, _ deviation: Float) throws -> Parameter {
                try store.parameter("\(name).\(index).\(part)", rows: rows, columns: columns, .normal(deviation))
            }
            return Layer(
                query: try weight("query", queries * width, width, own),
                keyDown: try weight("key.down", all, rank, 1 / Float(all).squareRoot()),
                keyUp: try weight("key.up", rank, all, 1 / Float(rank).squareRoot()),
                valueDown: try weight("value.down", all, rank, 1 / Float(all).squareRoot()),
                valueUp: try weight("value.up", rank, all, 1 / Float(rank).squareRoot()),
                output: try weight("output", queries * width, width, own),
                up: try weight("up", queries * width, 2 * width, own),
                down: try weight("down", queries * 2 * width, width, own / 2),
                norms: try (0..<2).map { try LayerNorm(store, name: "\(name).\(index).norm.\($0)", width: width) },
                queries: queries)
        }
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        let fields = vectors.record(plan, input)
        let start = plan.concat([plan.broadcast(plan.parameter(task), to: fields.dimension), fields])
        return layers.reduce(start) { record(plan, $0, $1) }
    }

    private func record(_ plan: Plan, _ value: Value, _ layer: Layer) -> Value {
        let own = layer.queries == tokens ? value : plan.slice(value, columns: 0..<(layer.queries * width))
        func each(_ x: Value, _ weight: Parameter, _ activation: Activation = .none) -> Value {
            plan.groupedLinear(
                x, groups: layer.queries, weight: plan.parameter(weight), bias: nil, activation: activation)
        }
        func composite(_ down: Parameter, _ up: Parameter) -> Value {
            plan.linear(plan.linear(value, plan.parameter(down)), plan.parameter(up))
        }
        let attended = plan.fieldAttention(
            query: each(own, layer.query), key: composite(layer.keyDown, layer.keyUp),
            value: composite(layer.valueDown, layer.valueUp), queries: layer.queries, keys: tokens, heads: heads)
        let between = normalized(plan, plan.add(own, each(attended, layer.output)), layer, 0)
        let mixed = each(each(between, layer.up, .gelu), layer.down)
        return normalized(plan, plan.add(between, mixed), layer, 1)
    }

    /// Each token by itself.
    private func normalized(_ plan: Plan, _ value: Value, _ layer: Layer, _ norm: Int) -> Value {
        let folded = plan.fold(value, groups: layer.queries)
        return plan.unfold(layer.norms[norm].record(plan, folded), groups: layer.queries, to: value.dimension)
    }
}
