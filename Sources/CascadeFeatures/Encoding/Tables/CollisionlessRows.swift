/// One slot for each token of the vocabulary, by its place in it, one for a missing token, one for all others; a slot is as
/// wide as the feature, as in `HashedRows`.
struct CollisionlessRows: TokenRows {
    /// Slots of no token of the vocabulary.
    static let reserved = 2

    private let first: Int
    private let chunks: Int

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        first = table.first
        chunks = feature.lookups
    }

    func append(_ token: TableToken, to rows: inout [Int32]) {
        let slot =
            switch token {
            case .missing: 0
            case .rare: 1
            case .known(_, let place): Self.reserved + place
            }
        for chunk in 0..<chunks { rows.append(Int32(first + slot * chunks + chunk)) }
    }
}
