import CascadeNN

/// Layers one after another.
struct Perceptron: DeepNetwork {
    static let name = "mlp"

    let width: Int
    private let layers: [DeepLayer]

    init(_ store: ParameterStore, name: String, input: Int, settings: RankerSettings) throws {
        var layers: [DeepLayer] = []
        var width = input
        for (index, next) in settings.deep.enumerated() {
            layers.append(try DeepLayer(store, name: "\(name).\(index)", from: width, to: next, settings: settings))
            width = next
        }
        self.layers = layers
        self.width = width
    }

    func record(_ input: FactoredRows) -> Value {
        guard let first = layers.first else { return input.joined() }
        return layers.dropFirst().reduce(first.record(input)) { $1.record(input.plan, $0) }
    }
}
