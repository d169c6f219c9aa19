/// What the removal of a user took away, and what it could not.
package struct UserErasure: Hashable, Sendable {
    /// What the models of a release were made with.
    package enum Remains: String, Hashable, Sendable, CaseIterable {
        /// The user's events or impressions lie in the period that the weights and counters of the release were made from.
        case interactions
        /// The user's attributes were among those that its features were fitted to.
        case attributes
        /// The weights have rows that the user's identifier leads to (`retrieval.user_id`).
        case userID = "user_id"
    }

    /// Removed rows by table.
    package var deletedRows: [String: Int]
    /// The release that was active; nil for none.
    package var releaseID: String?
    /// What that release still holds of the user, until another takes its place.
    package var remains: [Remains]

    package init(deletedRows: [String: Int], releaseID: String?, remains: [Remains]) {
        self.deletedRows = deletedRows
        self.releaseID = releaseID
        self.remains = remains
    }
}
