package import CascadeCore

/// What a release has counted: feedback by each counter key, and how popular each item is.
package struct CounterSet: Sendable, Equatable {
    /// One table a key of the feature map.
    package var tables: [CounterTable]
    /// Interactions with feedback by item; impressions where the data holds no feedback at all.
    package var popularity: CounterTable
    /// Interactions of any kind by item: the items that training met.
    package var interactions: CounterTable

    package init(tables: [CounterTable], popularity: CounterTable, interactions: CounterTable) {
        self.tables = tables
        self.popularity = popularity
        self.interactions = interactions
    }

    /// Counts the popularity of `items` in `log`, whose item rows are those of `items`.
    package init(tables: [CounterTable], log: EncodedLog, items: [Item]) {
        let interactions = Self.count(log, items) { _ in true }
        let popularity = Self.count(log, items) { log.isGiven($0) }
        self.init(
            tables: tables, popularity: popularity.keys.isEmpty ? interactions : popularity, interactions: interactions)
    }

    private static func count(_ log: EncodedLog, _ items: [Item], _ include: (Int) -> Bool) -> CounterTable {
        var table = CounterTable(heads: 0)
        for row in 0..<log.count where include(row) {
            table.add(UnifiedTable.hash(items[Int(log.item[row])].id.rawValue), observed: 0, positives: 0)
        }
        return table
    }

    /// Whether training met the item, so that its identifier tells something.
    package func knows(_ item: Item) -> Bool { knows(item.id) }

    /// The same by identifier.
    package func knows(_ id: ItemID) -> Bool { interactions.slot(of: UnifiedTable.hash(id.rawValue)) != nil }

    /// How often each of `items` was met with feedback: [items].
    package func popularity(of items: [Item]) -> [Float] {
        items.map { item in
            popularity.slot(of: UnifiedTable.hash(item.id.rawValue)).map { popularity.counts[$0] } ?? 0
        }
    }
}
