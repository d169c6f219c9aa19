import CascadeCore
import CascadeFeatures

/// For each feature of items, the columns that stay when it is taken away with those that tell most of it, half of all.
///
/// What one view of an item lost, the other one keeps, so features that say the same never face each other and the model
/// cannot match views by them alone.
///
/// Source: Yao et al. 2021, "Self-supervised Learning for Large-scale Item Recommendations", section 3.2, correlated
/// feature masking.
struct FeatureMasks: Sendable {
    /// One a feature: [item columns] 1 for what is kept.
    let masks: [[Float]]
    /// Items that information is counted over, at most.
    private static let sample = 50_000

    /// - Parameter columns: the columns of each feature of a recorded item, in the order of `FeatureCodes`; at least two.
    init(_ items: EncodedEntities, columns: [Range<Int>]) {
        let codes = FeatureCodes(
            items, rows: stride(from: 0, to: items.count, by: items.count / Self.sample + 1).map { $0 })
        let width = columns.last?.upperBound ?? 0
        let taken = columns.count / 2
        let entropies = columns.indices.map { codes.entropy(of: $0) }
        masks = columns.indices.map { seed in
            let others = columns.indices.filter { $0 != seed }
                .map { (feature: $0, shared: entropies[$0] - codes.entropy(of: $0, with: seed)) }
                .sorted { ($0.shared, $1.feature) > ($1.shared, $0.feature) }
            var kept = [Float](repeating: 1, count: width)
            for feature in [seed] + others.prefix(taken - 1).map(\.feature) {
                for column in columns[feature] { kept[column] = 0 }
            }
            return kept
        }
    }

    /// The mask of a seed feature that `draw` chooses.
    func mask(_ draw: UInt64) -> [Float] {
        var random = SeededRandom(seed: draw)
        return masks[random.below(masks.count)]
    }
}
