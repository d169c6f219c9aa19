import CascadeNN

/// Several deep networks, mixed for each row by one gate that all heads share:
///
///     f(x) = Σ_i g_i(x) E_i(x),  g = softmax(W x)
///
/// Source: Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", the
/// one-gate form.
struct MixtureOfExperts: TaskNetwork {
    static let name = "moe"

    private let experts: Experts
    private let gate: Dense
    private let towers: Towers

    init(_ store: ParameterStore, shape: TaskShape, settings: RankerSettings) throws {
        experts = try Experts(store, input: shape.input, settings: settings)
        gate = try Dense(store, name: "ranker.gate", from: shape.input, to: settings.experts)
        towers = try Towers(
            store, input: experts.width + shape.beside, heads: shape.heads, apart: false, settings: settings)
    }

    func record(_ input: FactoredRows, beside: Value?) -> HeadLogits {
        let plan = input.plan
        let gates = plan.softmax(gate.record(input))
        let mixed = plan.mixture(experts: experts.record(input), gates: gates)
        return towers.record(plan, beside.map { plan.concat([mixed, $0]) } ?? mixed)
    }
}
