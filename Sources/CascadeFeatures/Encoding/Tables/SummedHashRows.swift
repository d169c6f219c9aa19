/// Several slots a token, each by a hash of its own, in rows of the feature alone; the reader sums them. A slot is as wide as
/// the feature, as in `HashedRows`.
///
/// The first slots are kept for a missing token, one a hash, and as many behind them for rare ones, so that what is summed
/// are always different rows for them.
struct SummedHashRows: TokenRows {
    /// Slots that no hash falls on.
    static func reserved(_ hashes: Int) -> Int { 2 * hashes }

    private let first: Int
    private let chunks: Int
    private let slots: UnifiedTable
    private let seeds: [UInt64]

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        first = table.first
        chunks = feature.lookups
        let hashes = feature.summed
        slots = UnifiedTable(rows: table.rows / feature.lookups - Self.reserved(hashes), dimension: 1)
        seeds = (0..<hashes).map { UnifiedTable.seed(feature: feature.name, lookup: $0) }
    }

    func append(_ token: TableToken, to rows: inout [Int32]) {
        for (number, seed) in seeds.enumerated() {
            let slot =
                switch token {
                case .missing: number
                case .rare: seeds.count + number
                case .known(let hash, _): Self.reserved(seeds.count) + Int(slots.row(hash, seed: seed))
                }
            for chunk in 0..<chunks { rows.append(Int32(first + slot * chunks + chunk)) }
        }
    }
}
