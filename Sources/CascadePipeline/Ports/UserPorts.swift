package import CascadeCore

/// Reads the attributes of users.
package protocol UserReader: Sendable {
    /// The user, or nil when there is none of that identifier.
    func user(_ id: UserID) async throws -> User?
}

/// Reads what users were shown and did.
package protocol HistoryReader: Sendable {
    /// The last `limit` steps of a user's past, newest first; where they are fewer, they are all of it, and their items all that
    /// `seenItems` gives.
    func history(of user: UserID, limit: Int) async throws -> [HistoryEntry]
    /// The last `limit` steps before a moment, newest first.
    func history(of user: UserID, before moment: Timestamp, limit: Int) async throws -> [HistoryEntry]
    /// Items that the user was shown or acted on, newest first, at most `limit`.
    func seenItems(of user: UserID, limit: Int) async throws -> [ItemID]
    /// Items that the user asked never to see again, the latest first, at most `limit`.
    func hiddenItems(of user: UserID, limit: Int) async throws -> [ItemID]
}

/// Reads users from a catalog store.
package struct CatalogUserReader: UserReader {
    private let store: any CatalogStore

    package init(store: any CatalogStore) { self.store = store }

    package func user(_ id: UserID) async throws -> User? { try await store.user(id) }
}

/// Reads histories from a feedback store, and wishes from the store that keeps them.
package struct FeedbackHistoryReader: HistoryReader {
    private let store: any FeedbackStore
    private let hidden: any HiddenItemStore

    package init(store: any FeedbackStore, hidden: any HiddenItemStore) {
        self.store = store
        self.hidden = hidden
    }

    package func history(of user: UserID, limit: Int) async throws -> [HistoryEntry] {
        try await store.history(of: user, before: nil, limit: limit)
    }

    package func history(of user: UserID, before moment: Timestamp, limit: Int) async throws -> [HistoryEntry] {
        try await store.history(of: user, before: moment, limit: limit)
    }

    package func seenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await store.seenItems(of: user, limit: limit)
    }

    package func hiddenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await hidden.latestHiddenItems(of: user, limit: limit)
    }
}
