public import Foundation

extension CascadeClient {
    /// A list that is to be put in the order that suits a user; what is nil the server decides.
    public struct RankRequest: Codable, Equatable, Sendable {
        /// Whom the order is for; nil for an anonymous visitor, who is known by `events` alone.
        @ExplicitNull public var userID: String?
        /// 1 to 1000 items, each once.
        public var itemIDs: [String]
        /// Up to 32 words about the occasion; they go to the trace and change no score.
        public var context: [String: String]?
        /// What the answer tells of each item: scores, attributes.
        public var include: [Part]?
        /// What the visitor did, in its order, at most 100.
        public var events: [SessionEvent]?
        /// Whether the answer has the trace.
        public var debug: Bool?

        /// Asks for the order of items for a user, or with nil for an anonymous visitor.
        public init(
            userID: String?, itemIDs: [String], context: [String: String]? = nil, include: [Part]? = nil,
            events: [SessionEvent]? = nil, debug: Bool? = nil
        ) {
            self.userID = userID
            self.itemIDs = itemIDs
            self.context = context
            self.include = include
            self.events = events
            self.debug = debug
        }

        private enum CodingKeys: String, CodingKey {
            case context, include, events, debug
            case userID = "user_id"
            case itemIDs = "item_ids"
        }
    }

    /// A list in the order that suits a user.
    public struct Ranking: Codable, Equatable, Sendable {
        /// Names the answer; send it with impressions and events.
        public var recommendationID: String
        /// Whom it is for; nil for an anonymous visitor.
        @ExplicitNull public var userID: String?
        /// The release that ordered it; nil where none is active.
        @ExplicitNull public var releaseID: String?
        /// When it was made.
        public var generatedAt: Date
        /// Every item of the request once.
        public var items: [RankedItem]
        /// Whether the order is another than the ranker's.
        public var fallback: Fallback
        /// What was missing, such as `history_stale`.
        public var degraded: [String]
        /// Where the time went.
        public var timingsMS: Timings
        /// How the order came to be; only where it was asked for.
        public var trace: JSON?

        private enum CodingKeys: String, CodingKey {
            case items, fallback, degraded, trace
            case recommendationID = "recommendation_id"
            case userID = "user_id"
            case releaseID = "release_id"
            case generatedAt = "generated_at"
            case timingsMS = "timings_ms"
        }
    }
}
