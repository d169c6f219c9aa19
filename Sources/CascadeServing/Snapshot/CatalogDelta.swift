import CascadeCore
import CascadeIndex
import CascadeModels
import CascadePipeline

/// Why a row is no longer what it was when its release was built.
package enum Withdrawal: Hashable, Sendable {
    /// The item was hidden since.
    case hidden
    /// The item was deleted since.
    case deleted
    /// The item was changed since and has another row.
    case replaced
}

/// What became of the catalog since a release was built: rows that came, and rows that went. Immutable; the next change
/// makes the next delta.
package struct CatalogDelta: Sendable {
    /// Items that came or changed, in rows behind those of the release.
    let later: LaterItems
    /// The same with codes.
    let columns: CatalogColumns
    /// The rows of those that are served.
    let rows: [ItemID: Int32]
    /// The exact index over `later`; nil without any.
    let index: FlatIndex?
    /// The same items by the interest model, in clusters; nil without any, and in a release without interests.
    let interests: DeltaInterests?
    /// Rows of the release that a search must not give: hidden, deleted or replaced.
    let blocked: RowSet
    /// Places in `later` that a search must not give, because the item has yet another row or is gone.
    let retired: RowSet
    /// Rows of the release that were withdrawn since it was built.
    let withdrawn: [Int32: Withdrawal]
    /// All rows that may be shown, most popular first.
    let popular: [ScoredRow]
    /// All rows with a time of creation, newest first.
    let fresh: [Int32]
    /// The rows of each creator among those that came or changed.
    let creators: CreatorLists

    /// How many items of the delta are served.
    package var servedCount: Int { rows.count }

    /// How many rows of the release were hidden, deleted or replaced since it was built.
    package var withdrawnCount: Int { withdrawn.count }

    /// Why the row is not served; nil for one that is.
    func withdrawal(of row: Int32) -> Withdrawal? {
        let released = blocked.universe
        if Int(row) < released { return blocked.contains(row) ? withdrawn[row] : nil }
        return retired.contains(row - Int32(released)) ? .replaced : nil
    }
}
