import CascadeCore

/// How often each token of a feature was shown in the training period.
struct TokenCounts {
    /// By row of an entity.
    private struct Entities {
        var impressions: [Int]
        var isMet: [Bool]

        init(_ count: Int) {
            impressions = [Int](repeating: 0, count: count)
            isMet = [Bool](repeating: false, count: count)
        }

        mutating func add(_ row: Int32, isImpression: Bool) {
            guard row >= 0 else { return }
            isMet[Int(row)] = true
            if isImpression { impressions[Int(row)] += 1 }
        }
    }

    private let rows: EntityRows
    private var users: Entities
    private var items: Entities

    init(_ log: InteractionLog, _ rows: EntityRows) {
        self.rows = rows
        users = Entities(rows.users.count)
        items = Entities(rows.items.count)
        let userRow = log.users.map { rows.userRow[$0] ?? -1 }
        let itemRow = log.items.map { rows.itemRow[$0] ?? -1 }
        for row in 0..<log.count {
            users.add(userRow[Int(log.userIndex[row])], isImpression: log.isImpression[row])
            items.add(itemRow[Int(log.itemIndex[row])], isImpression: log.isImpression[row])
        }
    }

    /// The tokens of the entities that the log knows, with at least `minimum` impressions, by their hashes.
    ///
    /// - Complexity: O(entities).
    func vocabulary(of feature: CategoricalFeature, minimum: Int) -> TokenVocabulary {
        let entities = feature.entity == .user ? users : items
        var counts: [UInt64: Int] = [:]
        for row in entities.isMet.indices where entities.isMet[row] {
            let values: EntityValues = feature.entity == .user ? .user(rows.users[row]) : .item(rows.items[row])
            for token in values.tokens(of: feature) {
                counts[UnifiedTable.hash(token), default: 0] += entities.impressions[row]
            }
        }
        return TokenVocabulary(counts.lazy.filter { $0.value >= minimum }.map(\.key))
    }
}
