/// What happened to an item of the catalog.
package enum CatalogChange: Hashable, Sendable {
    /// The item is new or was written again, hidden or not, or one of its content vectors was.
    case put(Item)
    /// The item is no longer in the catalog.
    case deleted(ItemID)
}

/// How far somebody has followed the catalog; made by a `CatalogChangeStore` and given back to it.
package struct CatalogCursor: Hashable, Sendable {
    package let position: UInt64

    package init(position: UInt64) { self.position = position }
}

/// Tells what changed in the catalog, and gives the vectors of what did.
package protocol CatalogChangeStore: ItemVectorStore {
    /// Visits everything that was written since `cursor`, in the order in which it was, each item once and as it is now;
    /// with nil the whole catalog and all that was ever deleted. Gives the cursor to go on from.
    ///
    /// No write is ever missed, however late it commits; for that, some changes may be visited again. `visit` runs where
    /// the rows are read and must not wait.
    func changes(
        since cursor: CatalogCursor?, _ visit: @escaping @Sendable (CatalogChange) throws -> Void
    ) async throws -> CatalogCursor
    /// All items that were deleted and not put again.
    func deletedItems() async throws -> [ItemID]
}
