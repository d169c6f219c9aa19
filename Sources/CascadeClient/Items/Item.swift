public import Foundation

extension CascadeClient {
    /// An item of the catalog.
    public struct Item: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// The title.
        @ExplicitNull public var title: String?
        /// Who made it.
        @ExplicitNull public var creatorID: String?
        /// The categories, the main one first.
        public var categories: [String]
        /// The attributes by their names.
        public var attributes: [String: JSON]
        /// When it was made.
        @ExplicitNull public var createdAt: Date?
        /// Whether it is never recommended.
        public var hidden: Bool

        private enum CodingKeys: String, CodingKey {
            case title, categories, attributes, hidden
            case itemID = "item_id"
            case creatorID = "creator_id"
            case createdAt = "created_at"
        }
    }

    /// What an item is written with, whole: what is nil here is nothing there.
    public struct ItemBody: Codable, Equatable, Sendable {
        /// The title, at most 4096 bytes.
        public var title: String?
        /// Who made it.
        public var creatorID: String?
        /// The categories, the main one first, at most 100.
        public var categories: [String]?
        /// Numbers, texts, flags and lists of texts by their names, at most 256.
        public var attributes: [String: JSON]?
        /// When it was made.
        public var createdAt: Date?
        /// Whether it is never recommended.
        public var hidden: Bool?
        /// Content vectors by names that an import has declared; those that are not named stay.
        public var vectors: [String: [Float]]?

        /// Describes an item.
        public init(
            title: String? = nil, creatorID: String? = nil, categories: [String]? = nil,
            attributes: [String: JSON]? = nil, createdAt: Date? = nil, hidden: Bool? = nil,
            vectors: [String: [Float]]? = nil
        ) {
            self.title = title
            self.creatorID = creatorID
            self.categories = categories
            self.attributes = attributes
            self.createdAt = createdAt
            self.hidden = hidden
            self.vectors = vectors
        }

        /// What `item` is written with to be as it is.
        public init(_ item: Item) {
            self.init(
                title: item.title, creatorID: item.creatorID, categories: item.categories,
                attributes: item.attributes, createdAt: item.createdAt, hidden: item.hidden)
        }

        private enum CodingKeys: String, CodingKey {
            case title, categories, attributes, hidden, vectors
            case creatorID = "creator_id"
            case createdAt = "created_at"
        }
    }
}
