import CascadeNN

/// The dot products of all pairs of fields, beside the fields themselves: `out = [v_i · v_j for i < j ; x₀]`.
///
/// Source: Naumov et al. 2019, "Deep Learning Recommendation Model", arXiv 1906.00091, which keeps its dense vector
/// beside the products where this keeps x₀.
struct FieldDots: WholeRowInteraction {
    static let name = "dlrm"

    let width: Int
    private let vectors: FieldVectors

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        vectors = try FieldVectors(store, name: "\(name).fields", fields: fields, width: settings.fieldWidth)
        width = fields.count * (fields.count - 1) / 2 + fields.width
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        plan.concat([plan.pairwiseDots(vectors.record(plan, input), fields: vectors.count), input])
    }
}
