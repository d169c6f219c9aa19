import CascadeCore

/// The rows of a token in the table of a space: one way to choose them.
///
/// A token looks up `chunks` rows side by side, or a multiple of it where several such rows are summed. All members lie in
/// one physical table, so that a batch stays one gather.
protocol TokenRows: Sendable {
    /// Appends the rows of a token: always equally many.
    func append(_ token: TableToken, to rows: inout [Int32])
}

/// The ways to encode tokens that the configuration can name.
package enum TableEncoding: String, Hashable, Sendable, ChosenWord {
    /// Rows of one table that the features share, each chunk by a hash of its own.
    case unified
    /// Rows of the feature alone: a token has one, of the feature's whole width.
    case hash
    /// Rows of the feature alone, each chunk by a hash of its own.
    case multiHash = "multi_hash"
    /// Rows of the feature alone: a token has several of the feature's whole width, which are summed.
    case multiHashSum = "multi_hash_sum"
    /// Every token of training has a row of its own, of the feature's whole width.
    case collisionless

    /// Whether a token's rows depend on the tokens that training knew.
    var needsVocabulary: Bool { self == .collisionless }

    /// The fewest rows that it can do with; those of `collisionless` are as many as its vocabulary needs.
    func minimumRows(chunks: Int, hashes: Int, tokens: Int) -> Int {
        switch self {
        case .unified: 1
        case .hash: (HashedRows.reserved + 1) * chunks
        case .multiHash: (ChunkHashedRows.reserved + 1) * chunks
        case .multiHashSum: (SummedHashRows.reserved(hashes) + 1) * chunks
        case .collisionless: (CollisionlessRows.reserved + tokens) * chunks
        }
    }

    /// The member for `feature` in the rows of `table`.
    func make(_ feature: CategoricalFeature, _ table: FeatureTable) -> any TokenRows {
        switch self {
        case .unified: UnifiedRows(feature, table)
        case .hash: HashedRows(feature, table)
        case .multiHash: ChunkHashedRows(feature, table)
        case .multiHashSum: SummedHashRows(feature, table)
        case .collisionless: CollisionlessRows(feature, table)
        }
    }
}

/// How wide features are.
package enum TableWidths: String, Hashable, Sendable, ChosenWord {
    /// As `features.lookups` and the schema say.
    case fixed
    /// About 6 · V^¼ floats for V tokens (Wang et al. 2021, "DCN V2", section 5), in whole rows.
    case fourthRoot = "fourth_root"

    /// Rows side by side of a feature of `tokens` tokens: ⌈6 · V^¼ / d⌉, 1 to 8.
    static func fourthRootLookups(tokens: Int, dimension: Int) -> Int {
        let floats = 6 * Double(max(1, tokens)).squareRoot().squareRoot()
        return min(8, max(1, Int((floats / Double(dimension)).rounded(.up))))
    }
}
