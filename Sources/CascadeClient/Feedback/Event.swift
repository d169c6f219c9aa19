public import Foundation

extension CascadeClient {
    /// Something that a user did.
    public struct Event: Codable, Equatable, Sendable {
        /// Makes the event unique, so that it counts once however often it is sent; nil lets the server make one.
        public var eventID: String?
        /// What was done: letters, digits and underscores, at most 64.
        public var type: String
        /// Who did it.
        public var userID: String
        /// What it was done to.
        public var itemID: String
        /// When; nil for the time of receipt.
        public var occurredAt: Date?
        /// How much, such as seconds watched.
        public var value: Double?
        /// The impression that it answers.
        public var impressionID: String?
        /// The slate that it answers.
        public var recommendationID: String?
        /// The visit that it belongs to.
        public var sessionID: String?
        /// The place of the item in what was shown, from 0.
        public var position: Int?
        /// Where in the product it was done; at most 64 bytes.
        public var surface: String?

        /// Says what a user did; what is nil is not known.
        public init(
            eventID: String? = nil, type: String, userID: String, itemID: String, occurredAt: Date? = nil,
            value: Double? = nil, impressionID: String? = nil, recommendationID: String? = nil,
            sessionID: String? = nil, position: Int? = nil, surface: String? = nil
        ) {
            self.eventID = eventID
            self.type = type
            self.userID = userID
            self.itemID = itemID
            self.occurredAt = occurredAt
            self.value = value
            self.impressionID = impressionID
            self.recommendationID = recommendationID
            self.sessionID = sessionID
            self.position = position
            self.surface = surface
        }

        private enum CodingKeys: String, CodingKey {
            case type, value, position, surface
            case eventID = "event_id"
            case userID = "user_id"
            case itemID = "item_id"
            case occurredAt = "occurred_at"
            case impressionID = "impression_id"
            case recommendationID = "recommendation_id"
            case sessionID = "session_id"
        }
    }
}
