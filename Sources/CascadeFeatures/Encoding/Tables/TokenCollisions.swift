package import CascadeCore

/// How the tokens of a feature share rows of a table.
package struct TokenCollisions: Hashable, Sendable, Codable {
    /// `item.creator`.
    package var feature: String
    package var encoding: TableEncoding
    /// Different tokens of the catalog.
    package var tokens: Int
    /// Rows that they can fall on.
    package var rows: Int
    /// Share of the tokens that look up the same rows as another token of the feature: models cannot tell these apart.
    package var same: Double
    /// Share of the tokens with a row that another token of the feature looks up too.
    package var overlapping: Double
    /// Share of the tokens with a row that a token of another feature looks up too.
    package var foreign: Double

    /// The collisions of each categorical feature of `space`, users' first.
    ///
    /// - Complexity: O(tokens of `users` and `items` + rows of the table).
    package static func of(_ space: EntitySpace, users: [User], items: [Item]) -> [TokenCollisions] {
        var features: [(feature: CategoricalFeature, table: FeatureTable, tokens: [[Int32]])] = []
        for layout in [space.users, space.items] {
            for (feature, table) in zip(layout.categorical, layout.tables(in: space.table)) {
                var hashes = Set<UInt64>()
                func collect(_ values: EntityValues) {
                    for token in values.tokens(of: feature) { hashes.insert(UnifiedTable.hash(token)) }
                }
                if layout.entity == .user {
                    for user in users { collect(.user(user)) }
                } else {
                    for item in items { collect(.item(item)) }
                }
                let lookup = TokenLookup(feature, table)
                let rows = hashes.sorted().map { hash in
                    var rows: [Int32] = []
                    lookup.append(hash, to: &rows)
                    return rows
                }
                features.append((feature, table, rows))
            }
        }
        let owners = RowOwners(features.map(\.tokens), rows: space.table.rows)
        return features.map { entry in
            let isSum = entry.table.encoding == .multiHashSum
            let shares = Self.shares(entry.tokens, isSum: isSum) { owners.isShared($0) }
            return TokenCollisions(
                feature: entry.feature.name, encoding: entry.table.encoding, tokens: entry.tokens.count,
                rows: entry.table.rows, same: shares.same, overlapping: shares.overlapping, foreign: shares.foreign)
        }
    }

    /// - Parameter isSum: the order of a token's rows does not matter.
    private static func shares(
        _ tokens: [[Int32]], isSum: Bool, isForeign: (Int32) -> Bool
    ) -> (same: Double, overlapping: Double, foreign: Double) {
        guard !tokens.isEmpty else { return (0, 0, 0) }
        let keys = isSum ? tokens.map { $0.sorted() } : tokens
        let sets = tokens.map(Set.init)
        var ofKey: [[Int32]: Int] = [:]
        var ofRow: [Int32: Int] = [:]
        for key in keys { ofKey[key, default: 0] += 1 }
        for rows in sets { for row in rows { ofRow[row, default: 0] += 1 } }
        let count = Double(tokens.count)
        return (
            Double(keys.count { ofKey[$0, default: 0] > 1 }) / count,
            Double(sets.count { $0.contains { ofRow[$0, default: 0] > 1 } }) / count,
            Double(sets.count { $0.contains(where: isForeign) }) / count
        )
    }
}

/// Which features look up each row of a table.
private struct RowOwners {
    private static let none: Int32 = -1
    private static let several: Int32 = -2
    /// [rows] the feature, or one of the above.
    private var owner: [Int32]

    init(_ tokens: [[[Int32]]], rows: Int) {
        owner = [Int32](repeating: Self.none, count: rows)
        for (feature, lists) in tokens.enumerated() {
            for row in lists.joined() {
                let present = owner[Int(row)]
                if present == Self.none {
                    owner[Int(row)] = Int32(feature)
                } else if present != Int32(feature) {
                    owner[Int(row)] = Self.several
                }
            }
        }
    }

    /// Whether more than one feature looks the row up.
    func isShared(_ row: Int32) -> Bool { owner[Int(row)] == Self.several }
}
