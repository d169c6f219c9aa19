public import Foundation

extension CascadeClient {
    /// That a user follows a creator.
    public struct Follow: Codable, Equatable, Sendable {
        /// Who follows.
        public var userID: String
        /// Who is followed.
        public var creatorID: String

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case creatorID = "creator_id"
        }
    }

    /// A creator that a user follows.
    public struct FollowedCreator: Codable, Equatable, Sendable {
        /// Who is followed.
        public var creatorID: String
        /// Since when; nil where that is not known.
        @ExplicitNull public var followedAt: Date?

        private enum CodingKeys: String, CodingKey {
            case creatorID = "creator_id"
            case followedAt = "followed_at"
        }
    }

    /// A page of the creators that a user follows, by identifier.
    ///
    /// - Parameters:
    ///   - limit: rows of the page, 1 to 1000.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listFollows(
        _ userID: String, limit: Int? = nil, cursor: String? = nil
    ) async throws(CascadeClientError) -> Page<FollowedCreator> {
        try await answer(to: Call(operation: .listFollows, path: [userID], query: Self.page(limit, cursor)))
    }

    /// Lets a user follow a creator, known or not.
    @discardableResult
    public func putFollow(_ userID: String, _ creatorID: String) async throws(CascadeClientError) -> Follow {
        try await answer(to: Call(operation: .putFollow, path: [userID, creatorID]))
    }

    /// Lets a user no longer follow a creator; no failure where that was so before.
    public func deleteFollow(_ userID: String, _ creatorID: String) async throws(CascadeClientError) {
        try await send(Call(operation: .deleteFollow, path: [userID, creatorID]))
    }
}
