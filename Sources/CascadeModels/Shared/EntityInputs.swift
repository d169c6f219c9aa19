package import CascadeFeatures
package import CascadeNN

/// The inputs of a plan that one block of users or items is loaded into.
///
/// Letters: E entities, T numeric width.
package struct EntityInputs {
    package let dimension: Dimension
    /// [E × lookup width] rows of the table; nil when there are none.
    let lookups: Indices?
    /// One a multi-valued feature.
    let tokens: [TokenInputs]
    /// [E × numeric features · T]; nil when there are none.
    let numeric: Value?
    /// [E × vector width] encoded content vectors; nil when there are none.
    let vectors: Value?
    /// [E × 1] zeros, for entities that have no feature at all; nil where they have some.
    let blank: Value?

    struct TokenInputs {
        let dimension: Dimension
        let rows: Indices
        let offsets: Offsets
    }

    /// Records inputs for at most `capacity` entities of `layout`.
    init(_ plan: Plan, layout: EntityLayout, numericWidth: Int, capacity: Int, name: String) {
        let entities = plan.dimension(name, capacity: capacity)
        dimension = entities
        lookups =
            layout.lookupWidth > 0
            ? plan.indices(entities, width: layout.lookupWidth, name: "\(name).lookups") : nil
        tokens = layout.multi.map { feature in
            let count = plan.dimension("\(name).\(feature.name)", capacity: capacity * EntityLayout.maximumTokens)
            return TokenInputs(
                dimension: count, rows: plan.indices(count, width: feature.rowsPerToken, name: feature.name),
                offsets: plan.offsets(
                    segments: entities, of: count, maximumLength: EntityLayout.maximumTokens, name: feature.name))
        }
        numeric =
            layout.numeric.isEmpty
            ? nil : plan.input(entities, columns: layout.numeric.count * numericWidth, name: "\(name).numeric")
        vectors =
            layout.vectors.isEmpty
            ? nil : plan.input(entities, columns: layout.vectorWidth, name: "\(name).vectors")
        let isBare =
            layout.lookupWidth == 0 && layout.multi.isEmpty && layout.numeric.isEmpty && layout.vectors.isEmpty
        blank = isBare ? plan.input(entities, columns: 1, name: "\(name).blank") : nil
    }

    /// Copies a block into the plan.
    package func load(_ block: EntityBlock, into plan: Plan) throws {
        try plan.setCount(dimension, block.count)
        if let lookups { plan.integers(lookups).copy(block.lookups) }
        if let numeric { plan.floats(numeric).copy(block.numeric) }
        if let vectors { plan.floats(vectors).copy(block.vectors) }
        if let blank { plan.floats(blank).update(repeating: 0) }
        for (index, token) in tokens.enumerated() {
            try plan.setCount(token.dimension, Int(block.tokenOffsets[index].last ?? 0))
            plan.integers(token.rows).copy(block.tokens[index])
            plan.integers(token.offsets).copy(block.tokenOffsets[index])
        }
    }
}

extension UnsafeMutableBufferPointer {
    /// Writes all of `source` to the front.
    package func copy(_ source: [Element]) {
        source.withUnsafeBufferPointer { values in
            guard let from = values.baseAddress, let to = baseAddress, !values.isEmpty else { return }
            to.update(from: from, count: Swift.min(values.count, count))
        }
    }
}
