public import Foundation

extension CascadeClient {
    /// A list as it was shown to a user; every item of it becomes one impression.
    public struct Impression: Codable, Equatable, Sendable {
        /// Makes the list unique, so that it counts once however often it is sent; nil lets the server make one.
        public var impressionID: String?
        /// The slate that was shown.
        public var recommendationID: String?
        /// Who saw it.
        public var userID: String
        /// When; nil for the time of receipt.
        public var shownAt: Date?
        /// Where in the product it was shown; at most 64 bytes.
        public var surface: String?
        /// What was shown, 1 to 500 items.
        public var items: [ShownItem]

        /// Says what a user was shown; what is nil is not known.
        public init(
            impressionID: String? = nil, recommendationID: String? = nil, userID: String, shownAt: Date? = nil,
            surface: String? = nil, items: [ShownItem]
        ) {
            self.impressionID = impressionID
            self.recommendationID = recommendationID
            self.userID = userID
            self.shownAt = shownAt
            self.surface = surface
            self.items = items
        }

        private enum CodingKeys: String, CodingKey {
            case surface, items
            case impressionID = "impression_id"
            case recommendationID = "recommendation_id"
            case userID = "user_id"
            case shownAt = "shown_at"
        }
    }

    /// An item of a list that was shown.
    public struct ShownItem: Codable, Equatable, Sendable {
        /// The item.
        public var itemID: String
        /// Its place, from 0; nil for the place in the list.
        public var position: Int?
        /// The propensity of the answer; nil lets estimates take it from the trace.
        public var propensity: Double?

        /// Says that an item was shown.
        public init(itemID: String, position: Int? = nil, propensity: Double? = nil) {
            self.itemID = itemID
            self.position = position
            self.propensity = propensity
        }

        private enum CodingKeys: String, CodingKey {
            case position, propensity
            case itemID = "item_id"
        }
    }
}
