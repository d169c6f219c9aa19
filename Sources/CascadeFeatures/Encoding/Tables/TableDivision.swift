import CascadeCore

/// Divides the rows of the ranker's table among its features.
///
/// Features that are `unified` share the first rows. Each other one has its own behind them: `collisionless` as many as its
/// vocabulary needs, the rest in proportion to the rows that their vocabularies would need, so that encodings of equal
/// `features.table_rows` are of equal size.
struct TableDivision {
    private struct Part {
        var feature: CategoricalFeature
        var encoding: TableEncoding
        var vocabulary: TokenVocabulary?
        /// Tokens that are told apart in training.
        var tokens: Int
        var rows = 0

        /// Rows that the vocabulary would need without collisions.
        var weight: Int { feature.lookups * max(1, tokens) }
        var least: Int {
            encoding.minimumRows(chunks: feature.lookups, hashes: feature.summed, tokens: tokens)
        }
    }

    private let settings: FeatureSettings

    init(settings: FeatureSettings) { self.settings = settings }

    /// Fits the tables of both layouts of `space`, whose table has the rows of one that all features share.
    func divide(_ space: EntitySpace, log: InteractionLog, rows: EntityRows) -> EntitySpace {
        let features = [space.users, space.items].flatMap(\.categorical).map(resolved)
        let isPlain = features.allSatisfy { $0.encoding == .unified }
        var result = space
        if isPlain, settings.minimumCount == 0, settings.widths == .fixed {
            place(features.map { ($0, nil) }, in: &result)
            return result
        }
        let counts = TokenCounts(log, rows)
        var parts = features.map { part($0, counts) }
        let shared = assign(space.table.rows, among: &parts)
        var next = shared
        let tables = parts.map { part -> FeatureTable in
            let isShared = part.encoding == .unified
            defer { next += isShared ? 0 : part.rows }
            return FeatureTable(
                encoding: part.encoding, first: isShared ? 0 : next, rows: isShared ? shared : part.rows,
                vocabulary: part.vocabulary)
        }
        if let times = result.times {
            result.times?.first = Int32(next)
            next += times.ownRows
        }
        result.table.rows = next
        place(zip(parts, tables).map { ($0.feature, $1) }, in: &result)
        return result
    }

    /// A feature with its encoding, and with hashes only where they are summed.
    private func resolved(_ feature: CategoricalFeature) -> CategoricalFeature {
        var result = feature
        let encoding = feature.encoding ?? settings.tables
        result.encoding = encoding
        result.hashes = encoding == .multiHashSum ? feature.hashes ?? settings.hashes : nil
        return result
    }

    private func part(_ feature: CategoricalFeature, _ counts: TokenCounts) -> Part {
        let encoding = feature.encoding ?? .unified
        let vocabulary = counts.vocabulary(of: feature, minimum: settings.minimumCount)
        var feature = feature
        if settings.widths == .fourthRoot {
            feature.lookups = TableWidths.fourthRootLookups(
                tokens: vocabulary.count, dimension: settings.tableDimension)
        }
        let isKept = encoding.needsVocabulary || settings.minimumCount > 0
        return Part(
            feature: feature, encoding: encoding, vocabulary: isKept ? vocabulary : nil, tokens: vocabulary.count)
    }

    /// Gives each part its rows; the result are those that the unified ones share.
    private func assign(_ total: Int, among parts: inout [Part]) -> Int {
        for index in parts.indices { parts[index].rows = parts[index].least }
        let fixed = parts.filter { $0.encoding == .collisionless }
        let shared = parts.filter { $0.encoding == .unified }
        let own = parts.indices.filter { ![.collisionless, .unified].contains(parts[$0].encoding) }
        let sharedWeight = shared.reduce(0) { $0 + $1.weight }
        let weight = own.reduce(sharedWeight) { $0 + parts[$1].weight }
        guard weight > 0 else { return 0 }
        // Without a configured size, what collisionless features take is theirs beside the usual share of the others.
        let whole = parts.reduce(0) { $0 + $1.weight }
        let forThese =
            settings.tableRows > 0 ? total - fixed.reduce(0) { $0 + $1.rows } : scaled(total, weight, whole)
        let least = own.reduce(shared.isEmpty ? 0 : 1) { $0 + parts[$1].rows }
        let free = max(0, forThese - least)
        for index in own {
            let chunks = parts[index].feature.lookups
            parts[index].rows += scaled(free, parts[index].weight, weight) / chunks * chunks
        }
        if shared.isEmpty { return 0 }
        return max(1, forThese - own.reduce(0) { $0 + parts[$1].rows })
    }

    private func scaled(_ rows: Int, _ weight: Int, _ whole: Int) -> Int {
        Int(Double(rows) * Double(weight) / Double(whole))
    }

    /// Puts the features, in the order of `EntityLayout.categorical` of users, then items, back into their layouts.
    private func place(_ parts: [(feature: CategoricalFeature, table: FeatureTable?)], in space: inout EntitySpace) {
        let users = space.users.categorical.count
        space.users.setTables(Array(parts.prefix(users)))
        space.items.setTables(Array(parts.dropFirst(users)))
    }
}

extension EntityLayout {
    /// Replaces the categorical features, which keep their order, and their tables; those without one have no entry.
    fileprivate mutating func setTables(_ parts: [(feature: CategoricalFeature, table: FeatureTable?)]) {
        single = parts.prefix(single.count).map(\.feature)
        multi = parts.suffix(multi.count).map(\.feature)
        tables = parts.compactMap(\.table)
    }
}
