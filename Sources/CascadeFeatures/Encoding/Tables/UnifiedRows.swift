/// Rows of the table that all features of this encoding share; see `UnifiedTable`.
struct UnifiedRows: TokenRows {
    private let first: Int32
    private let table: UnifiedTable
    private let seeds: [UInt64]

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        first = Int32(table.first)
        self.table = UnifiedTable(rows: table.rows, dimension: 1)
        seeds = (0..<feature.lookups).map { UnifiedTable.seed(feature: feature.name, lookup: $0) }
    }

    func append(_ token: TableToken, to rows: inout [Int32]) {
        let hash =
            switch token {
            case .known(let hash, _): hash
            case .rare: UnifiedTable.rare
            case .missing: UnifiedTable.missing
            }
        for seed in seeds { rows.append(first + table.row(hash, seed: seed)) }
    }
}
