import CascadeNN

/// The fields of a row as vectors of one width, each by a linear map of its own: what interactions of whole fields meet.
struct FieldVectors {
    /// Columns of a vector.
    let width: Int
    /// Fields of a row.
    let count: Int
    private let widths: [Int]
    private let weight: Parameter
    private let bias: Parameter

    init(_ store: ParameterStore, name: String, fields: FieldLayout, width: Int) throws {
        self.width = width
        count = fields.count
        widths = fields.widths
        // As wide as an average field: the initialiser sees the rows of all fields below each other.
        let average = Float(fields.width) / Float(max(1, fields.count))
        weight = try store.parameter(
            "\(name).weight", rows: fields.width, columns: width, .normal(1 / average.squareRoot()))
        bias = try store.parameter(
            "\(name).bias", rows: 1, columns: fields.count * width, .zeros, options: .withoutDecay)
    }

    /// [R × columns of the fields] → [R × count · width].
    func record(_ plan: Plan, _ input: Value) -> Value {
        plan.fieldLinear(input, widths: widths, weight: plan.parameter(weight), bias: plan.parameter(bias))
    }
}
