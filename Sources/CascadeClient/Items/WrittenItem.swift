extension CascadeClient {
    /// A row of a batch of items; in JSON the members of its body stand beside its identifier.
    public struct WrittenItem: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// What it is written with.
        public var body: ItemBody

        /// Describes an item.
        public init(itemID: String, _ body: ItemBody = ItemBody()) {
            self.itemID = itemID
            self.body = body
        }

        private enum CodingKeys: String, CodingKey {
            case itemID = "item_id"
        }

        /// Reads the identifier and the body from one object.
        public init(from decoder: any Decoder) throws {
            itemID = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .itemID)
            body = try ItemBody(from: decoder)
        }

        /// Writes the identifier and the body into one object.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(itemID, forKey: .itemID)
            try body.encode(to: encoder)
        }
    }
}
