/// What the next page of a slate is made from: what was asked for, and what was shown so far.
package struct SlatePage: Sendable, Hashable {
    /// The slate that was answered last.
    package var recommendationID: String
    package var userID: UserID?
    /// When it was made.
    package var createdAt: Timestamp
    /// The JSON of the request, an object.
    package var requestJSON: String
    /// The items of all pages so far, this one's last.
    package var shown: [ItemID]

    package init(
        recommendationID: String, userID: UserID?, createdAt: Timestamp, requestJSON: String, shown: [ItemID]
    ) {
        self.recommendationID = recommendationID
        self.userID = userID
        self.createdAt = createdAt
        self.requestJSON = requestJSON
        self.shown = shown
    }
}
