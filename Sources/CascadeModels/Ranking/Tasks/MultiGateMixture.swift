import CascadeNN

/// Several deep networks, mixed for each row and each head by a gate of the head:
///
///     f_k(x) = Σ_i g_ki(x) E_i(x),  g_k = softmax(W_k x)
///
/// so that heads that disagree can read different experts.
///
/// Source: Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts".
struct MultiGateMixture: TaskNetwork {
    static let name = "mmoe"

    private let experts: Experts
    private let gates: [Dense]
    private let towers: Towers

    init(_ store: ParameterStore, shape: TaskShape, settings: RankerSettings) throws {
        experts = try Experts(store, input: shape.input, settings: settings)
        gates = try (0..<shape.heads.count).map {
            try Dense(store, name: "ranker.gate.\($0)", from: shape.input, to: settings.experts)
        }
        towers = try Towers(
            store, input: experts.width + shape.beside, heads: shape.heads, apart: true, settings: settings)
    }

    func record(_ input: FactoredRows, beside: Value?) -> HeadLogits {
        let plan = input.plan
        let experts = experts.record(input)
        let rows = gates.map { gate in
            let mixed = plan.mixture(experts: experts, gates: plan.softmax(gate.record(input)))
            return beside.map { plan.concat([mixed, $0]) } ?? mixed
        }
        return towers.record(plan, apart: rows)
    }
}
