import CascadeNN

/// All pairs of fields multiplied and summed, component by component, beside the fields themselves:
///
///     out = [½ ((Σ_f v_f)² − Σ_f v_f²) ; x₀]
///
/// The heads weigh the components; with weights of one it is the factorization machine, whose linear part is the heads'
/// over x₀. With the structure `parallel` it is DeepFM.
///
/// Source: Rendle 2010, "Factorization Machines"; Guo et al. 2017, "DeepFM", arXiv 1703.04247.
struct FactorizationMachine: WholeRowInteraction {
    static let name = "fm"

    let width: Int
    private let vectors: FieldVectors

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        vectors = try FieldVectors(store, name: "\(name).fields", fields: fields, width: settings.fieldWidth)
        width = settings.fieldWidth + fields.width
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        plan.concat([plan.secondOrder(vectors.record(plan, input), fields: vectors.count), input])
    }
}
