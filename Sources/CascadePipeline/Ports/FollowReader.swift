package import CascadeCore

/// Reads whom users follow.
package protocol FollowReader: Sendable {
    /// The creators that a user follows, the latest first, at most `limit`.
    func followedCreators(of user: UserID, limit: Int) async throws -> [String]
}

/// Reads follows from a store of relations.
package struct StoredFollows: FollowReader {
    private let store: any RelationStore

    package init(store: any RelationStore) { self.store = store }

    package func followedCreators(of user: UserID, limit: Int) async throws -> [String] {
        try await store.latestTargets(of: user, kind: .follow, limit: limit)
    }
}
