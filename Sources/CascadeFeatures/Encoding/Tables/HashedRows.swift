/// One slot a token by its hash, in rows of the feature alone: slot `s` of `c` chunks is the rows `s·c …< (s + 1)·c`.
///
/// The first slots are kept for a missing token and for rare ones, which therefore meet no other.
struct HashedRows: TokenRows {
    /// Slots that no hash falls on.
    static let reserved = 2

    private let first: Int
    private let chunks: Int
    private let slots: UnifiedTable
    private let seed: UInt64

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        first = table.first
        chunks = feature.lookups
        slots = UnifiedTable(rows: table.rows / feature.lookups - Self.reserved, dimension: 1)
        seed = UnifiedTable.seed(feature: feature.name, lookup: 0)
    }

    func append(_ token: TableToken, to rows: inout [Int32]) {
        let slot =
            switch token {
            case .missing: 0
            case .rare: 1
            case .known(let hash, _): Self.reserved + Int(slots.row(hash, seed: seed))
            }
        for chunk in 0..<chunks { rows.append(Int32(first + slot * chunks + chunk)) }
    }
}
