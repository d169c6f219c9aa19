import CascadeNN

/// The cross layers of DCN-v2: `x_{l+1} = x₀ ⊙ (W x_l + b) + x_l`, W full or `V U` of a given rank.
///
/// Source: Wang et al. 2021, "DCN V2", arXiv 2008.13535.
struct CrossInteraction: Interaction {
    static let name = "cross"

    private struct Layer {
        let down: Parameter
        let up: Parameter?
        let bias: Parameter
    }

    let width: Int
    private let layers: [Layer]

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        let width = fields.width
        let rank = settings.crossRank
        self.width = width
        layers = try (0..<settings.crossLayers).map { index in
            let prefix = "\(name).\(index)"
            let full = rank == 0 || rank >= width
            return Layer(
                down: try store.parameter(
                    "\(prefix).down", rows: width, columns: full ? width : rank,
                    .normal(1 / Float(width).squareRoot())),
                up: full
                    ? nil
                    : try store.parameter(
                        "\(prefix).up", rows: rank, columns: width, .normal(0.5 / Float(rank).squareRoot())),
                bias: try store.parameter("\(prefix).bias", rows: 1, columns: width, .zeros, options: .withoutDecay))
        }
    }

    func record(_ input: FactoredRows) -> FactoredRows {
        layers.reduce(input) { rows, layer in
            guard let up = layer.up else { return rows.cross(input, weight: layer.down, bias: layer.bias) }
            return rows.cross(input, down: layer.down, up: up, bias: layer.bias)
        }
    }
}
