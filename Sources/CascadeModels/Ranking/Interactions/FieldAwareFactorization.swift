import CascadeNN

/// All pairs of fields by vectors that each field has for each other one, beside the fields themselves:
///
///     out = [v_{i,j} · v_{j,i} for i < j ; x₀]
///
/// Source: Juan et al. 2016, "Field-aware Factorization Machines for CTR Prediction".
struct FieldAwareFactorization: WholeRowInteraction {
    static let name = "ffm"

    let width: Int
    private let vectors: FieldVectors

    init(_ store: ParameterStore, name: String, fields: FieldLayout, settings: RankerSettings) throws {
        vectors = try FieldVectors(
            store, name: "\(name).fields", fields: fields, width: fields.count * settings.fieldWidth)
        width = fields.count * (fields.count - 1) / 2 + fields.width
    }

    func record(_ plan: Plan, _ input: Value) -> Value {
        plan.concat([plan.fieldAwareDots(vectors.record(plan, input), fields: vectors.count), input])
    }
}
