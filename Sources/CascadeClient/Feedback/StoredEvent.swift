public import Foundation

extension CascadeClient {
    /// An event as the server keeps it.
    public struct StoredEvent: Codable, Equatable, Sendable {
        /// The name that makes it unique.
        public var eventID: String
        /// What was done.
        public var type: String
        /// Who did it.
        public var userID: String
        /// What it was done to.
        public var itemID: String
        /// When.
        public var occurredAt: Date
        /// How much.
        @ExplicitNull public var value: Double?
        /// The impression that it answers.
        @ExplicitNull public var impressionID: String?
        /// The slate that it answers.
        @ExplicitNull public var recommendationID: String?
        /// The visit that it belongs to.
        @ExplicitNull public var sessionID: String?
        /// The place of the item in what was shown, from 0.
        @ExplicitNull public var position: Int?
        /// Where in the product it was done.
        @ExplicitNull public var surface: String?

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
