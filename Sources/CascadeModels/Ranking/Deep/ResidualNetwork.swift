import CascadeNN

/// Layers that add to what they read: `x_{l+1} = P_l x_l + layer_l(x_l)`, P_l a linear map where the width changes and
/// nothing elsewhere.
///
/// Source: He et al. 2016, "Deep Residual Learning", arXiv 1512.03385, as in Deep Crossing (Shan et al. 2016).
struct ResidualNetwork: DeepNetwork {
    static let name = "residual"

    private struct Step {
        let layer: DeepLayer
        let projection: Parameter?
    }

    let width: Int
    private let steps: [Step]

    init(_ store: ParameterStore, name: String, input: Int, settings: RankerSettings) throws {
        var steps: [Step] = []
        var width = input
        for (index, next) in settings.deep.enumerated() {
            let prefix = "\(name).\(index)"
            steps.append(
                Step(
                    layer: try DeepLayer(store, name: prefix, from: width, to: next, settings: settings),
                    projection: next == width
                        ? nil : try store.parameter("\(prefix).projection", rows: width, columns: next, .glorot)))
            width = next
        }
        self.steps = steps
        self.width = width
    }

    func record(_ input: FactoredRows) -> Value {
        guard let first = steps.first else { return input.joined() }
        return steps.dropFirst().reduce(Self.record(first, input)) {
            Self.record($1, FactoredRows(input.plan, $0))
        }
    }

    private static func record(_ step: Step, _ x: FactoredRows) -> Value {
        let kept = step.projection.map { x.linear($0) } ?? x.joined()
        return x.plan.add(kept, step.layer.record(x))
    }
}
