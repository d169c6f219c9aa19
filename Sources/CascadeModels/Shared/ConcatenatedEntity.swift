import CascadeFeatures
import CascadeNN

/// The features of an entity side by side: lookups of the table (added up where a feature sums several), pooled multi-valued features, then a small
/// linear map for each number, and one of the content vectors.
/// Width: `lookups · d + Σ multi lookups · d + numeric features · m + vector columns`.
struct ConcatenatedEntity {
    let layout: EntityLayout
    let table: Table
    let numericWidth: Int
    /// Columns of each field of a recorded entity: one a categorical feature, one for all numbers, one for the vectors.
    let fields: [Int]
    /// The columns of each feature: categorical ones, then each number, then the vectors.
    let features: [Range<Int>]
    /// Columns of a recorded entity.
    var width: Int { fields.reduce(0, +) }
    private let numbers: NumberColumns?
    private let vectors: Dense?

    /// Declares the parameters; `numericWidth` is the columns of an encoded number.
    init(
        _ store: ParameterStore, name: String, layout: EntityLayout, table: Table, numericWidth: Int,
        settings: RankerSettings
    ) throws {
        self.layout = layout
        self.table = table
        self.numericWidth = numericWidth
        numbers = try NumberColumns(
            store, name: "\(name).numeric", numbers: layout.numeric.count, encoded: numericWidth, settings: settings)
        let found =
            (layout.single + layout.multi).map { $0.lookups * table.dimension } + [numbers?.width ?? 0]
            + [layout.vectorColumns]
        // Entities without any feature are a column of zeros.
        fields = found.contains { $0 > 0 } ? found.filter { $0 > 0 } : [1]
        let widths =
            (layout.single + layout.multi).map { $0.lookups * table.dimension }
            + layout.numeric.map { _ in settings.numericWidth } + (layout.vectors.isEmpty ? [] : [layout.vectorColumns])
        var start = 0
        features = widths.map { width in
            defer { start += width }
            return start..<(start + width)
        }
        vectors =
            layout.vectors.isEmpty
            ? nil : try Dense(store, name: "\(name).vectors", from: layout.vectorWidth, to: layout.vectorColumns)
    }

    /// Records the features of `inputs`: [E × width].
    func record(_ plan: Plan, _ inputs: EntityInputs) -> Value {
        var parts: [Value] = []
        if let lookups = inputs.lookups { parts += columns(plan, plan.gather(table, lookups), of: layout.single) }
        for (feature, token) in zip(layout.multi, inputs.tokens) {
            // The fused operation takes one row a token; several stand side by side first.
            let pooled =
                token.rows.width == 1
                ? plan.gatherPooled(table, token.rows, token.offsets, mode: .mean)
                : plan.segmentMean(plan.gather(table, token.rows), token.offsets)
            parts += columns(plan, pooled, of: [feature])
        }
        if let input = inputs.numeric, let numbers { parts.append(numbers.record(plan, input)) }
        if let input = inputs.vectors, let vectors { parts.append(vectors.record(plan, input)) }
        if let blank = inputs.blank { parts.append(blank) }
        return parts.count == 1 ? parts[0] : plan.concat(parts)
    }

    /// Rows of `features` side by side as their columns: those of a feature that sums several are added.
    private func columns(_ plan: Plan, _ gathered: Value, of features: [CategoricalFeature]) -> [Value] {
        guard features.contains(where: { $0.summed > 1 }) else { return [gathered] }
        var start = 0
        return features.map { feature in
            let width = feature.lookups * table.dimension
            let terms = (0..<feature.summed).map { term in
                plan.slice(gathered, columns: (start + term * width)..<(start + (term + 1) * width))
            }
            start += feature.summed * width
            return terms.dropFirst().reduce(terms[0]) { plan.add($0, $1) }
        }
    }
}
