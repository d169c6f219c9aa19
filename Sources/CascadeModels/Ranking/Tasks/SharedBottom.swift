import CascadeNN

/// One deep network that all heads read.
struct SharedBottom: TaskNetwork {
    static let name = "shared"

    private let deep: any DeepNetwork
    private let towers: Towers

    init(_ store: ParameterStore, shape: TaskShape, settings: RankerSettings) throws {
        deep = try DeepNetworks.make(store, name: "ranker.deep", input: shape.input, settings: settings)
        towers = try Towers(
            store, input: deep.width + shape.beside, heads: shape.heads, apart: false, settings: settings)
    }

    func record(_ input: FactoredRows, beside: Value?) -> HeadLogits {
        let plan = input.plan
        let hidden = deep.record(input)
        return towers.record(plan, beside.map { plan.concat([hidden, $0]) } ?? hidden)
    }
}
