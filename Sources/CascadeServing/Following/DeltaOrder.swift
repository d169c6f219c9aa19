import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline

/// The lists of a release with what came since in its place, and without what went.
struct DeltaOrder {
    private let loaded: LoadedRelease
    private let blocked: RowSet
    private let withdrawn: [Int32: Withdrawal]
    /// The later rows with their items.
    private let later: [(row: Int32, item: Item)]

    init(
        _ loaded: LoadedRelease, blocked: RowSet, withdrawn: [Int32: Withdrawal], rows: [ItemID: Int32],
        items: [Item]
    ) {
        self.loaded = loaded
        self.blocked = blocked
        self.withdrawn = withdrawn
        later = rows.values.sorted().map { ($0, items[Int($0) - loaded.count]) }
    }

    /// Most popular first, by the counts of the release.
    func popular() -> [ScoredRow] {
        if later.isEmpty && withdrawn.isEmpty { return loaded.popular }
        let counts = loaded.bundle.counterSet.popularity(of: later.map(\.item))
        let more = zip(later, counts).map { ScoredRow(row: $0.row, score: $1) }
            .sorted { Self.isBefore($0, $1) }
        return Self.merge(loaded.popular.filter { !blocked.contains($0.row) }, more, by: Self.isBefore)
    }

    /// Newest first.
    func fresh() -> [Int32] {
        if later.isEmpty && withdrawn.isEmpty { return loaded.fresh }
        let items = loaded.bundle.rows.items
        typealias Dated = (row: Int32, at: Timestamp)
        func isBefore(_ left: Dated, _ right: Dated) -> Bool { (left.at, right.row) > (right.at, left.row) }
        let more = later.compactMap { later in later.item.createdAt.map { (row: later.row, at: $0) } }.sorted(
            by: isBefore)
        // Of what was withdrawn, only what has another row leaves the list: the filters tell of the rest.
        let released = loaded.fresh.lazy.filter { withdrawn[$0] != .replaced }
            .compactMap { row in items[Int(row)].createdAt.map { (row: row, at: $0) } }
        return Self.merge(Array(released), more, by: isBefore).map(\.row)
    }

    /// Of each creator, newest first.
    func creators() -> CreatorLists { CreatorLists(later, attribute: loaded.creators.attribute) }

    private static func isBefore(_ left: ScoredRow, _ right: ScoredRow) -> Bool {
        (left.score, right.row) > (right.score, left.row)
    }

    /// Two sorted lists as one.
    private static func merge<Entry>(_ left: [Entry], _ right: [Entry], by isBefore: (Entry, Entry) -> Bool) -> [Entry]
    {
        var merged: [Entry] = []
        merged.reserveCapacity(left.count + right.count)
        var next = 0
        for entry in left {
            while next < right.count, isBefore(right[next], entry) {
                merged.append(right[next])
                next += 1
            }
            merged.append(entry)
        }
        return merged + right[next...]
    }
}
