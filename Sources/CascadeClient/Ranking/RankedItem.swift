extension CascadeClient {
    /// An item of a ranked list.
    public struct RankedItem: Codable, Equatable, Sendable {
        /// What became of an item.
        public struct Status: OpenWord {
            /// The word.
            public let rawValue: String
            /// Any word, known or not.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// It is where its score puts it.
            public static let ranked: Self = "ranked"
            /// Nothing scored it: it keeps the caller's order behind the ranked ones.
            public static let unranked: Self = "unranked"
            /// It may not be shown to the user.
            public static let removed: Self = "removed"
            /// Nothing is known of it.
            public static let unknownItem: Self = "unknown_item"

            package static let known: [Self] = [ranked, unranked, removed, unknownItem]
        }

        /// The item.
        public var itemID: String
        /// Its place, from 0.
        public var position: Int
        /// What became of it.
        public var status: Status
        /// What it was ordered by.
        public var score: Double?
        /// Probabilities, and values of value heads, by the names of the heads.
        public var heads: [String: Double]?
        /// The filter that removed it.
        public var removedBy: String?
        /// What the catalog knows of it.
        public var attributes: CatalogMembers?

        private enum CodingKeys: String, CodingKey {
            case position, status, score, heads, attributes
            case itemID = "item_id"
            case removedBy = "removed_by"
        }
    }

    /// A caller's list in the order that suits a user.
    public func rank(_ request: RankRequest) async throws(CascadeClientError) -> Ranking {
        try await answer(to: Call(operation: .rank, body: request))
    }
}
