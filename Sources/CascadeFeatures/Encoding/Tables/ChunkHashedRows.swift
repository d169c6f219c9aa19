/// Each chunk of a token by a hash of its own, in rows of the feature alone: those of a chunk lie in a row, and two tokens
/// that meet in one chunk seldom meet in the next.
///
/// The first two rows of each chunk are kept for a missing token and for rare ones.
struct ChunkHashedRows: TokenRows {
    /// Rows of each chunk that no hash falls on.
    static let reserved = 2

    private let first: Int
    /// Rows of a chunk.
    private let each: Int
    private let slots: UnifiedTable
    private let seeds: [UInt64]

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        first = table.first
        each = table.rows / feature.lookups
        slots = UnifiedTable(rows: each - Self.reserved, dimension: 1)
        seeds = (0..<feature.lookups).map { UnifiedTable.seed(feature: feature.name, lookup: $0) }
    }

    func append(_ token: TableToken, to rows: inout [Int32]) {
        for (chunk, seed) in seeds.enumerated() {
            let slot =
                switch token {
                case .missing: 0
                case .rare: 1
                case .known(let hash, _): Self.reserved + Int(slots.row(hash, seed: seed))
                }
            rows.append(Int32(first + chunk * each + slot))
        }
    }
}
