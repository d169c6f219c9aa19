import CascadeFeatures
import CascadeNN

/// The features of an entity side by side: lookups of the unified table, pooled multi-valued features, then a small
/// linear map for each number, and one of the content vectors.
/// Width: `lookups · d + Σ multi lookups · d + numeric features · m + vector columns`.
struct ConcatenatedEntity {
    let layout: EntityLayout
    let table: Table
    let numericWidth: Int
    /// Columns of each field of a recorded entity: one a categorical feature, one for all numbers, one for the vectors.
    let fields: [Int]
    /// Columns of a recorded entity.
    var width: Int { fields.reduce(0, +) }
    private let numericWeight: Parameter?
    private let numericBias: Parameter?
    private let vectors: Dense?

    /// Declares the parameters; `embedding` is m, the columns a number becomes.
    init(
        _ store: ParameterStore, name: String, layout: EntityLayout, table: Table, numericWidth: Int, embedding: Int
    ) throws {
        self.layout = layout
        self.table = table
        self.numericWidth = numericWidth
        let features = layout.numeric.count
        let found =
            (layout.single + layout.multi).map { $0.lookups * table.dimension } + [features * embedding]
            + [layout.vectorColumns]
        // Entities without any feature are a column of zeros.
        fields = found.contains { $0 > 0 } ? found.filter { $0 > 0 } : [1]
        vectors =
            layout.vectors.isEmpty
            ? nil : try Dense(store, name: "\(name).vectors", from: layout.vectorWidth, to: layout.vectorColumns)
        if features > 0 {
            numericWeight = try store.parameter(
                "\(name).numeric.weight", rows: features * numericWidth, columns: embedding, .normal(0.1))
            numericBias = try store.parameter(
                "\(name).numeric.bias", rows: 1, columns: features * embedding, .zeros)
        } else {
            numericWeight = nil
            numericBias = nil
        }
    }

    /// Records the features of `inputs`: [E × width].
    func record(_ plan: Plan, _ inputs: EntityInputs) -> Value {
        var parts: [Value] = []
        if let lookups = inputs.lookups { parts.append(plan.gather(table, lookups)) }
        for token in inputs.tokens {
            // The fused operation takes one row a token; several stand side by side first.
            parts.append(
                token.rows.width == 1
                    ? plan.gatherPooled(table, token.rows, token.offsets, mode: .mean)
                    : plan.segmentMean(plan.gather(table, token.rows), token.offsets))
        }
        if let numeric = inputs.numeric, let numericWeight, let numericBias {
            parts.append(
                plan.groupedLinear(
                    numeric, groups: layout.numeric.count, weight: plan.parameter(numericWeight),
                    bias: plan.parameter(numericBias)))
        }
        if let input = inputs.vectors, let vectors { parts.append(vectors.record(plan, input)) }
        if let blank = inputs.blank { parts.append(blank) }
        return parts.count == 1 ? parts[0] : plan.concat(parts)
    }
}
