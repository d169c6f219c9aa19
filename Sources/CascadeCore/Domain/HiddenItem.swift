/// That a user asked never to see an item again.
package struct HiddenItem: Hashable, Sendable {
    package var userID: UserID
    package var itemID: ItemID
    /// When the user asked for it.
    package var since: Timestamp

    package init(userID: UserID, itemID: ItemID, since: Timestamp) {
        self.userID = userID
        self.itemID = itemID
        self.since = since
    }
}
