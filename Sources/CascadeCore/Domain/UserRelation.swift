/// How a user can be related to something that is not an item.
package enum RelationKind: String, Hashable, Sendable, ChosenWord {
    /// The user follows a creator.
    case follow
}

/// That a user stands in a relation to something, such as a creator that the user follows.
package struct UserRelation: Hashable, Sendable {
    package var userID: UserID
    package var kind: RelationKind
    /// The identifier of what the user is related to.
    package var target: String
    /// When it began, where known.
    package var since: Timestamp?

    package init(userID: UserID, kind: RelationKind, target: String, since: Timestamp? = nil) {
        self.userID = userID
        self.kind = kind
        self.target = target
        self.since = since
    }
}
