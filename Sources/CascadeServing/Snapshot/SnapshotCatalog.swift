import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline

/// The catalog of a snapshot by row: the items of the release, then those that came or changed since.
struct SnapshotCatalog: CatalogView {
    private let released: CatalogColumns
    private let releasedRows: [ItemID: Int32]
    private let delta: CatalogDelta

    init(_ loaded: LoadedRelease, _ delta: CatalogDelta) {
        released = loaded.columns
        releasedRows = loaded.bundle.rows.itemRow
        self.delta = delta
    }

    var count: Int { released.count + delta.columns.count }
    func itemID(_ row: Int32) -> ItemID { read(row) { $0.id } }
    func row(of id: ItemID) -> Int32? { delta.rows[id] ?? releasedRows[id] }
    func creator(_ row: Int32) -> Int32 {
        let row = Int(row)
        return row < released.count ? released.creator(row) : delta.columns.creator(row - released.count)
    }
    func categories(_ row: Int32) -> ArraySlice<Int32> {
        let row = Int(row)
        return row < released.count ? released.categories(row) : delta.columns.categories(row - released.count)
    }
    func categoryCode(_ name: String) -> Int32? { delta.columns.categoryCode(name) }
    func createdAt(_ row: Int32) -> Timestamp? { read(row) { $0.createdAt } }
    func isHidden(_ row: Int32) -> Bool { read(row) { $0.hidden } || delta.withdrawal(of: row) == .hidden }
    func isDeleted(_ row: Int32) -> Bool { delta.withdrawal(of: row) == .deleted }
    func isReplaced(_ row: Int32) -> Bool { delta.withdrawal(of: row) == .replaced }

    /// Reads an item where it lies; copying it whole would cost more than what is asked of it.
    private func read<Value>(_ row: Int32, _ value: (borrowing Item) -> Value) -> Value {
        let row = Int(row)
        return row < released.count ? value(released.items[row]) : value(delta.columns.items[row - released.count])
    }
}
