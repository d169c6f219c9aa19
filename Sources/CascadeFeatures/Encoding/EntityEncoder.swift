package import CascadeCore

/// How the categorical and numeric features of one entity lie in its encoded rows; made from the feature map.
package struct EntityLayout: Hashable, Sendable, Codable {
    package var entity: Entity
    /// Features with one token, in column order.
    package var single: [CategoricalFeature]
    /// Features with several tokens, each pooled by itself.
    package var multi: [CategoricalFeature]
    /// Where the tokens of `categorical` lie, one a feature; empty where all lie in the whole table.
    package var tables: [FeatureTable]
    package var numeric: [NumericFeature]
    /// One encoder a numeric feature.
    package var bins: [NumberEncoder]
    /// Rows of the unified table that stand for an entity as a step of a history, under hashes of their own; 0: none.
    package var historyLookups: Int
    /// Content vectors, side by side in column order.
    package var vectors: [VectorFeature]
    /// Columns that the ranker makes of them.
    package var vectorColumns: Int

    enum CodingKeys: String, CodingKey {
        case entity, single, multi, tables, numeric, bins, historyLookups, vectors, vectorColumns
    }

    package init(
        entity: Entity, single: [CategoricalFeature], multi: [CategoricalFeature], numeric: [NumericFeature],
        bins: [NumberEncoder], historyLookups: Int = 0, vectors: [VectorFeature] = [], vectorColumns: Int = 0,
        tables: [FeatureTable] = []
    ) {
        self.tables = tables
        self.vectors = vectors
        self.vectorColumns = vectorColumns
        self.historyLookups = historyLookups
        self.entity = entity
        self.single = single
        self.multi = multi
        self.numeric = numeric
        self.bins = bins
    }

    /// Lookups a row: all of the single-token features side by side.
    package var lookupWidth: Int { single.reduce(0) { $0 + $1.rowsPerToken } }

    /// All categorical features, in the order of their columns: those with one token, then those with several.
    package var categorical: [CategoricalFeature] { single + multi }

    /// One a categorical feature: where its tokens lie in `table`.
    package func tables(in table: UnifiedTable) -> [FeatureTable] {
        guard tables.isEmpty else { return tables }
        return categorical.map { _ in FeatureTable(encoding: .unified, first: 0, rows: table.rows) }
    }

    /// Whether the tables fit the features and lie within `table`.
    func hasSoundTables(in table: UnifiedTable) -> Bool {
        let tables = tables(in: table)
        return tables.count == single.count + multi.count
            && zip(tables, categorical).allSatisfy { $0.fits($1, total: table.rows) }
    }

    /// Columns of all encoded vectors.
    package var vectorWidth: Int { vectors.reduce(0) { $0 + $1.columns } }

    /// Tokens of a multi-valued feature that are kept; the rest of a longer list is left out.
    package static let maximumTokens = 8
}

/// Turns users or items into rows of numbers; the one encoder of training and serving.
package struct EntityEncoder: Sendable {
    package let layout: EntityLayout
    package let table: UnifiedTable
    private let singles: [TokenLookup]
    private let multis: [TokenLookup]
    private let historySeeds: [UInt64]

    package init(layout: EntityLayout, table: UnifiedTable) {
        self.layout = layout
        self.table = table
        let lookups = zip(layout.categorical, layout.tables(in: table)).map { TokenLookup($0, $1) }
        singles = Array(lookups.prefix(layout.single.count))
        multis = Array(lookups.dropFirst(layout.single.count))
        historySeeds = (0..<layout.historyLookups).map { UnifiedTable.seed(feature: "history.id", lookup: $0) }
    }

    /// Encodes all of `items` in their order.
    ///
    /// - Parameters:
    ///   - vectors: the content vectors of the items, by their places.
    ///   - knows: whether the identifier of an item was learned. Others are encoded as having none, since their rows
    ///     of the table are chance or belong to other items.
    package func encode(
        _ items: [Item], vectors: ItemVectors = .none, knows: (Item) -> Bool = { _ in true }
    ) -> EncodedEntities {
        var result = encode(count: items.count, isKnown: { knows(items[$0]) }) { EntityValues.item(items[$0]) }
        result.vectors = vectors
        return result
    }

    /// Encodes all of `users` in their order.
    package func encode(_ users: [User]) -> EncodedEntities {
        encode(count: users.count) { EntityValues.user(users[$0]) }
    }

    /// Whether the features tell anything of a user whom training did not meet: an attribute that is no rare token. Never where the
    /// identifier is a feature, since nothing was learned of a new one and its rows of the table are others'.
    package func tells(ofNew user: User) -> Bool {
        guard !layout.categorical.contains(where: { $0.source == .id }) else { return false }
        let values = EntityValues.user(user)
        return zip(layout.categorical, singles + multis).contains { feature, lookup in
            values.tokens(of: feature).contains { lookup.knows(UnifiedTable.hash($0)) }
        } || layout.numeric.contains { values.number($0.source) != nil }
    }

    /// The columns of a row's lookups that are its identifier's, with the rows that stand for having none; nil where the
    /// identifier is no feature.
    package var missingIdentifier: (columns: Range<Int>, rows: [Int32])? {
        var start = 0
        for (feature, lookup) in zip(layout.single, singles) {
            if feature.source == .id {
                var rows: [Int32] = []
                lookup.append(nil, to: &rows)
                return (start..<(start + lookup.width), rows)
            }
            start += lookup.width
        }
        return nil
    }

    /// Encodes `items` behind those that `encoded` holds, which this encoder made; `knows` as in `encode`.
    ///
    /// - Parameter vectors: the content vectors of all, those that were there and those that come.
    package func append(
        _ items: [Item], vectors: ItemVectors = .none, to encoded: inout EncodedEntities,
        knows: (Item) -> Bool = { _ in true }
    ) {
        encoded.vectors = vectors
        for item in items { append(.item(item), isKnown: knows(item), to: &encoded) }
    }

    private func encode(
        count: Int, isKnown: (Int) -> Bool = { _ in true }, _ values: (Int) -> EntityValues
    ) -> EncodedEntities {
        var result = EncodedEntities(layout: layout)
        result.reserve(count)
        for index in 0..<count { append(values(index), isKnown: isKnown(index), to: &result) }
        return result
    }

    private func append(_ values: EntityValues, isKnown: Bool, to result: inout EncodedEntities) {
        for (feature, lookup) in zip(layout.single, singles) {
            let token = feature.source == .id && !isKnown ? nil : values.tokens(of: feature).first
            lookup.append(token.map(UnifiedTable.hash), to: &result.lookups)
        }
        for (index, (feature, lookup)) in zip(layout.multi, multis).enumerated() {
            let tokens = values.tokens(of: feature)
            if tokens.isEmpty { lookup.append(nil, to: &result.tokens[index]) }
            for token in tokens { lookup.append(UnifiedTable.hash(token), to: &result.tokens[index]) }
            result.tokenOffsets[index].append(result.tokenOffsets[index].last! + Int32(max(1, tokens.count)))
        }
        if let identity = values.tokens(.id).first.map(UnifiedTable.hash) {
            for seed in historySeeds { result.historyLookups.append(isKnown ? table.row(identity, seed: seed) : -1) }
        }
        for feature in layout.numeric {
            result.numeric.append(values.number(feature.source).map(Float.init) ?? .nan)
        }
        result.count += 1
    }
}

/// The values of one user or item by feature source.
package enum EntityValues {
    case user(User)
    case item(Item)

    /// The tokens of a source: none when it is missing.
    package func tokens(_ source: FeatureSource) -> [String] {
        switch (self, source) {
        case (.user(let user), .id): [user.id.rawValue]
        case (.user(let user), .attribute(let name)): user.attributes[name]?.tokens ?? []
        case (.user, _): []
        case (.item(let item), .id): [item.id.rawValue]
        case (.item(let item), .creator): item.creatorID.map { [$0] } ?? []
        case (.item(let item), .categories): item.categories
        case (.item(let item), .attribute(let name)): item.attributes[name]?.tokens ?? []
        }
    }

    /// The tokens of a categorical feature that are looked up: the first one, or the first ones of a list.
    package func tokens(of feature: CategoricalFeature) -> ArraySlice<String> {
        tokens(feature.source).prefix(feature.multi ? EntityLayout.maximumTokens : 1)
    }

    /// The number of a source, or nil when it is missing or none.
    package func number(_ source: FeatureSource) -> Double? {
        guard case .attribute(let name) = source else { return nil }
        switch self {
        case .user(let user): return user.attributes[name]?.number
        case .item(let item): return item.attributes[name]?.number
        }
    }
}

/// Users or items as rows of numbers, in columns: what batches are copied from.
package struct EncodedEntities: Sendable, Equatable {
    package let layout: EntityLayout
    package var count = 0
    /// [count × layout.lookupWidth] rows of the table.
    package var lookups: [Int32] = []
    /// One list a multi-valued feature: `rowsPerToken` rows for each token, tokens of an entity in a row.
    package var tokens: [[Int32]]
    /// One list a multi-valued feature: [count + 1] where the tokens of an entity begin.
    package var tokenOffsets: [[Int32]]
    /// [count × layout.historyLookups] rows of the unified table for an entity as a step of a history; −1 for one whose
    /// identifier was not learned, which says nothing as a step.
    package var historyLookups: [Int32] = []
    /// [count × numeric features] the plain numbers, NaN where missing.
    package var numeric: [Float] = []
    /// The plain content vectors by row; read where they lie.
    package var vectors = ItemVectors.none {
        didSet { vectorKinds = layout.vectors.map { vectors.kind($0.name) } }
    }
    /// One a vector of the layout: its kind in `vectors`.
    private var vectorKinds: [Int?]

    package init(layout: EntityLayout) {
        vectorKinds = layout.vectors.map { _ in nil }
        self.layout = layout
        tokens = layout.multi.map { _ in [] }
        tokenOffsets = layout.multi.map { _ in [0] }
    }

    mutating func reserve(_ count: Int) {
        lookups.reserveCapacity(count * layout.lookupWidth)
        numeric.reserveCapacity(count * layout.numeric.count)
    }

    /// Writes `layout.vectorWidth` floats: the encoded vectors of entity `row`.
    package func encodeVectors(of row: Int, into output: UnsafeMutablePointer<Float>) {
        var start = 0
        for (feature, kind) in zip(layout.vectors, vectorKinds) {
            if let kind {
                vectors.lend(kind: kind, row: row) { feature.encode($0, into: output + start) }
            } else {
                feature.encode(nil, into: output + start)
            }
            start += feature.columns
        }
    }

    private func encodedVectors(of row: Int) -> [Float] {
        var result = [Float](repeating: 0, count: layout.vectorWidth)
        result.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { encodeVectors(of: row, into: base) } }
        return result
    }

    package static func == (left: EncodedEntities, right: EncodedEntities) -> Bool {
        left.layout == right.layout && left.count == right.count && left.lookups == right.lookups
            && left.tokens == right.tokens && left.historyLookups == right.historyLookups
            && left.tokenOffsets == right.tokenOffsets
            && left.numeric.elementsEqual(right.numeric) { $0 == $1 || ($0.isNaN && $1.isNaN) }
            && (left.layout.vectors.isEmpty
                || (0..<left.count).allSatisfy { left.encodedVectors(of: $0) == right.encodedVectors(of: $0) })
    }
}
