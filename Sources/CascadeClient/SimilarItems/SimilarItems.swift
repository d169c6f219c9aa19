extension CascadeClient {
    /// Items that are similar to one.
    public struct SimilarItems: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// The release whose lists they are from.
        public var releaseID: String
        /// What is compared.
        public var by: Similarity
        /// The others, best first.
        public var items: [SimilarItem]
        /// What was missing, such as `live_state_unavailable`.
        public var degraded: [String]

        private enum CodingKeys: String, CodingKey {
            case by, items, degraded
            case itemID = "item_id"
            case releaseID = "release_id"
        }
    }

    /// An item that is similar to another.
    public struct SimilarItem: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// Its place, from 0.
        public var position: Int
        /// What it was ordered by.
        public var score: Double
        /// The lists that hold it.
        public var sources: [SourceMark]

        private enum CodingKeys: String, CodingKey {
            case position, score, sources
            case itemID = "item_id"
        }
    }

    /// What items are compared by.
    public struct Similarity: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The vectors of the retrieval model.
        public static let tower: Self = "tower"
        /// What users took together.
        public static let cooccurrence: Self = "cooccurrence"
        /// Both lists, by their ranks.
        public static let both: Self = "both"

        package static let known: [Self] = [tower, cooccurrence, both]
    }

    /// Items that are similar to one, best first.
    ///
    /// - Parameters:
    ///   - k: the number of items.
    ///   - by: what is compared.
    ///   - categories: only items of one of these, at most 100.
    ///   - excludeItemIDs: never these items, at most 1000.
    public func similarItems(
        _ itemID: String, k: Int? = nil, by: Similarity? = nil, categories: [String]? = nil,
        excludeItemIDs: [String]? = nil
    ) async throws(CascadeClientError) -> SimilarItems {
        let query = [
            ("k", k.map { String($0) }), ("by", by?.rawValue), ("categories", Addresses.list(categories)),
            ("exclude_item_ids", Addresses.list(excludeItemIDs)),
        ]
        return try await answer(to: Call(operation: .similarItems, path: [itemID], query: query))
    }
}
