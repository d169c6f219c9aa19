public import Foundation

extension CascadeClient {
    /// An item of a slate, with the parts that were asked for.
    public struct RecommendedItem: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// Its place, from 0.
        public var position: Int
        /// What it was ordered by.
        public var score: Double?
        /// Probabilities, and values of value heads, by the names of the heads.
        public var heads: [String: Double]?
        /// What brought it.
        public var sources: [SourceMark]?
        /// The probability with which it got its position, given those before it; send it with the impression.
        public var propensity: Double?
        /// Why it is there, in words.
        public var reasons: [String]?
        /// What the catalog knows of it.
        public var attributes: CatalogMembers?

        private enum CodingKeys: String, CodingKey {
            case position, score, heads, sources, propensity, reasons, attributes
            case itemID = "item_id"
        }
    }

    /// What the catalog knows of an item.
    public struct CatalogMembers: Codable, Equatable, Sendable {
        /// The title.
        public var title: String?
        /// Who made it.
        public var creatorID: String?
        /// The categories, the main one first.
        public var categories: [String]
        /// When it was made.
        public var createdAt: Date?
        /// The attributes by their names.
        public var attributes: [String: JSON]

        private enum CodingKeys: String, CodingKey {
            case title, categories, attributes
            case creatorID = "creator_id"
            case createdAt = "created_at"
        }
    }

    /// That a source brought an item.
    public struct SourceMark: Codable, Equatable, Sendable {
        /// The name of the source.
        public var name: String
        /// The item's place among what the source brought, from 0.
        public var rank: Int
        /// What the source orders by; compares with no other source's.
        public var score: Double
        /// What of the user it was found by: an item of the history, or a creator.
        public var because: String?
        /// The interest of the user that it was found in.
        public var interest: InterestMark?
    }

    /// The interest of a user that an item was found in.
    public struct InterestMark: Codable, Equatable, Sendable {
        /// The number of the interest in the release.
        public var cluster: Int
        /// Its name, where it has one.
        public var name: String?
        /// The item's place among those of the interest, from 0.
        public var rank: Int
        /// How likely the user's next item lies in it.
        public var probability: Double
        /// Items of the history that lie in it, the latest first, at most three.
        public var because: [String]
    }
}
