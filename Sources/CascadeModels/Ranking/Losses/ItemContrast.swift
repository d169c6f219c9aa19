package import CascadeNN

/// Tells two halves of an item's features from those of other items, beside the loss of the heads, so that items of few
/// impressions get vectors that agree with what is known of them:
///
///     z = normalize(W₂ relu(W₁ (m ⊙ e_i) + b₁) + b₂),  z' the same of (1 − m) ⊙ e_i
///     L = mean of −log exp(z_i · z'_i / τ) / Σ_j exp(z_i · z'_j / τ)
///
/// Source: Yao et al. 2021, "Self-supervised Learning for Large-scale Item Recommendations", arXiv 2007.12865.
struct ItemContrast {
    private static let hidden = 64
    private static let width = 32

    private let inner: Dense
    private let outer: Dense
    private let temperature: Float

    /// - Throws: `ModelError.badSettings` for items of fewer than two features.
    init(_ store: ParameterStore, items: ConcatenatedEntity, settings: RankerSettings) throws {
        guard items.features.count > 1 else {
            throw ModelError.badSettings([
                "ranker.corruption takes features of items away, and items need at least two of them"
            ])
        }
        inner = try Dense(store, name: "ranker.contrast.inner", from: items.width, to: Self.hidden)
        outer = try Dense(store, name: "ranker.contrast.outer", from: Self.hidden, to: Self.width)
        temperature = Float(settings.corruptionTemperature)
    }

    func record(_ plan: Plan, _ items: Value, capacity: Int) -> RankerContrast {
        let viewed = plan.dimension("viewed items", capacity: capacity)
        let item = plan.indices(viewed, name: "viewed.item")
        let positives = plan.indices(viewed, name: "viewed.positive")
        let mask = plan.input(viewed, columns: items.columns, name: "viewed.mask")
        let whole = plan.take(items, item)
        let kept = plan.multiply(whole, mask)
        let loss = plan.sampledSoftmax(
            ContrastInputs(
                queries: view(plan, kept), items: view(plan, plan.subtract(whole, kept)), positives: positives),
            temperature: .constant(temperature))
        return RankerContrast(viewed: viewed, item: item, positives: positives, mask: mask, loss: loss)
    }

    private func view(_ plan: Plan, _ features: Value) -> Value {
        plan.normalizeRows(outer.record(plan, inner.record(plan, features, activation: .relu)))
    }
}

/// The inputs of the contrast of K items, and its loss.
package struct RankerContrast {
    let viewed: Dimension
    let item: Indices
    let positives: Indices
    let mask: Value
    /// A scalar.
    package let loss: Value

    /// Copies the items and the columns that one view keeps and the other one does not see into the plan.
    ///
    /// - Parameters:
    ///   - items: places in the items of the batch, each once.
    ///   - kept: [item columns] 1 or 0.
    package func load(items: [Int32], kept: [Float], into plan: Plan) throws {
        try plan.setCount(viewed, items.count)
        plan.integers(item).copy(items)
        plan.integers(positives).copy((0..<Int32(items.count)).map { $0 })
        let cells = plan.floats(mask)
        for row in items.indices {
            for (column, value) in kept.enumerated() { cells[row * kept.count + column] = value }
        }
    }
}
