public import Foundation

extension CascadeClient {
    /// What changes of an item.
    public struct ItemPatch: Codable, Equatable, Sendable {
        /// The title.
        public var title: Change<String>
        /// Who made it.
        public var creatorID: Change<String>
        /// The categories, replaced whole.
        public var categories: Change<[String]>
        /// Laid over the attributes that are there; `JSON.null` removes one.
        public var attributes: Change<[String: JSON]>
        /// When it was made.
        public var createdAt: Change<Date>
        /// Whether it is never recommended.
        public var hidden: Change<Bool>
        /// Laid over the content vectors that are there; nil removes one.
        public var vectors: Change<[String: [Float]?]>

        /// Changes what is given and keeps the rest.
        public init(
            title: Change<String> = .keep, creatorID: Change<String> = .keep, categories: Change<[String]> = .keep,
            attributes: Change<[String: JSON]> = .keep, createdAt: Change<Date> = .keep,
            hidden: Change<Bool> = .keep, vectors: Change<[String: [Float]?]> = .keep
        ) {
            self.title = title
            self.creatorID = creatorID
            self.categories = categories
            self.attributes = attributes
            self.createdAt = createdAt
            self.hidden = hidden
            self.vectors = vectors
        }

        private enum CodingKeys: String, CodingKey {
            case title, categories, attributes, hidden, vectors
            case creatorID = "creator_id"
            case createdAt = "created_at"
        }
    }
}
