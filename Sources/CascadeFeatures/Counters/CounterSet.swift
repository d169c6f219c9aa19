package import CascadeCore

/// What a release has counted: feedback by each counter key, and how popular each item is.
package struct CounterSet: Sendable, Equatable {
    /// One table a key of the feature map.
    package var tables: [CounterTable]
    /// Interactions with feedback by item; impressions where the data holds no feedback at all.
    package var popularity: CounterTable

    package init(tables: [CounterTable], popularity: CounterTable) {
        self.tables = tables
        self.popularity = popularity
    }

    /// Counts the popularity of `items` in `log`, whose item rows are those of `items`.
    package init(tables: [CounterTable], log: EncodedLog, items: [Item]) {
        self.init(tables: tables, popularity: Self.count(log, items) { log.code[$0] != 0 })
        if popularity.keys.isEmpty { popularity = Self.count(log, items) { _ in true } }
    }

    private static func count(_ log: EncodedLog, _ items: [Item], _ include: (Int) -> Bool) -> CounterTable {
        var table = CounterTable(heads: 0)
        for row in 0..<log.count where include(row) {
            table.add(UnifiedTable.hash(items[Int(log.item[row])].id.rawValue), observed: 0, positives: 0)
        }
        return table
    }

    /// How often each of `items` was met with feedback: [items].
    package func popularity(of items: [Item]) -> [Float] {
        items.map { item in
            popularity.slot(of: UnifiedTable.hash(item.id.rawValue)).map { popularity.counts[$0] } ?? 0
        }
    }
}
