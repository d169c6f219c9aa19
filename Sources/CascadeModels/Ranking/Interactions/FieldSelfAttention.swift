import CascadeNN

/// Self-attention among the fields of a row, layer by layer, with maps that all fields share:
///
///     v_f ← relu(attention(Q v_f ; K v, V v) + W v_f)
///
/// without scale, and all fields side by side in the end. Alone it is AutoInt, with the structure `parallel` AutoInt+.
///
/// Source: Song et al. 2019, "AutoInt", arXiv 1810.11921.
struct FieldSelfAttention: WholeRowInteraction {
    static let name = "autoint"

    private struct Layer {
        let query: Parameter
        let key: Parameter
        let value: Parameter
        let residual: Parameter
    }

    let width: Int
    private let vectors: FieldVectors
    private let heads: Int
    private let layers: [Layer]

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        let width = settings.fieldWidth
        vectors = try FieldVectors(store, name: "\(name).fields", fields: fields, width: width)
        heads = settings.fieldHeads
        layers = try (0..<settings.fieldLayers).map { index in
            func map(_ part: String) throws -> Parameter {
                try store.parameter("\(name).\(index).\(part)", rows: width, columns: width, .glorot)
            }
            return Layer(
                query: try map("query"), key: try map("key"), value: try map("value"), residual: try map("residual"))
        }
        self.width = fields.count * width
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        let count = vectors.count
        return layers.reduce(vectors.record(plan, input)) { value, layer in
            let folded = plan.fold(value, groups: count)
            func map(_ weight: Parameter) -> Value {
                plan.unfold(plan.linear(folded, plan.parameter(weight)), groups: count, to: value.dimension)
            }
            let attended = plan.fieldAttention(
                query: map(layer.query), key: map(layer.key), value: map(layer.value), queries: count, keys: count,
                heads: heads, scale: 1)
            return plan.relu(plan.add(attended, map(layer.residual)))
        }
    }
}
