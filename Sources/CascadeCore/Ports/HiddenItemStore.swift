/// What users asked never to see again, as it is kept; Postgres implements it.
package protocol HiddenItemStore: Sendable {
    /// Writes a wish durably; returns true when it was new. One that is there keeps its time.
    func put(_ wish: HiddenItem) async throws -> Bool
    /// Takes a wish back durably; returns false when there was none.
    func remove(_ item: ItemID, of user: UserID) async throws -> Bool
    /// The wishes of a user, sorted by the bytes of their items, those behind `after`, at most `limit`.
    func hiddenItems(of user: UserID, after: ItemID?, limit: Int) async throws -> [HiddenItem]
    /// The items of a user's wishes, the latest first, at most `limit`.
    func latestHiddenItems(of user: UserID, limit: Int) async throws -> [ItemID]
}
