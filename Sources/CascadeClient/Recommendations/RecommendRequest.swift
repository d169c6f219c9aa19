public import Foundation

extension CascadeClient {
    /// What a slate is asked for by; what is nil the server decides.
    public struct RecommendRequest: Codable, Equatable, Sendable {
        /// Whom the slate is for; nil for an anonymous visitor, who is known by `events` alone.
        @ExplicitNull public var userID: String?
        /// The number of items.
        public var limit: Int?
        /// Up to 32 words about the occasion; they go to the trace and change no score.
        public var context: [String: String]?
        /// Which items may be in the slate.
        public var filters: Filters?
        /// How much alike the items may be.
        public var diversity: Diversity?
        /// What the answer tells of each item.
        public var include: [Part]?
        /// What the visitor did, in its order, at most 100.
        public var events: [SessionEvent]?
        /// Whether the answer has the trace.
        public var debug: Bool?
        /// What heads count for in this request alone, by their names.
        public var weights: [String: Double]?
        /// The release that shall answer: the active one, or the one that is scored beside it.
        public var releaseID: String?
        /// Fixes the random choices; not negative.
        public var seed: Int?

        /// Asks for a slate for a user, or with nil for an anonymous visitor.
        public init(
            userID: String?, limit: Int? = nil, context: [String: String]? = nil, filters: Filters? = nil,
            diversity: Diversity? = nil, include: [Part]? = nil, events: [SessionEvent]? = nil, debug: Bool? = nil,
            weights: [String: Double]? = nil, releaseID: String? = nil, seed: Int? = nil
        ) {
            self.userID = userID
            self.limit = limit
            self.context = context
            self.filters = filters
            self.diversity = diversity
            self.include = include
            self.events = events
            self.debug = debug
            self.weights = weights
            self.releaseID = releaseID
            self.seed = seed
        }

        private enum CodingKeys: String, CodingKey {
            case limit, context, filters, diversity, include, events, debug, weights, seed
            case releaseID = "release_id"
            case userID = "user_id"
        }
    }

    /// A part of an answer that has to be asked for.
    public enum Part: String, Codable, CaseIterable, Sendable {
        /// Scores, heads, sources and propensity.
        case scores
        /// Why an item is there, in words; not of ranked lists.
        case reasons
        /// What the catalog knows of the item.
        case attributes
    }

    /// Something the visitor just did; it is kept with the next page alone.
    public struct SessionEvent: Codable, Equatable, Sendable {
        /// What it was done to.
        public var itemID: String
        /// A feedback signal.
        public var type: String?
        /// When it was done.
        public var occurredAt: Date?
        /// Where in the product it was done; at most 64 bytes.
        public var surface: String?

        /// Says what was done to an item, as far as it is known.
        public init(itemID: String, type: String? = nil, occurredAt: Date? = nil, surface: String? = nil) {
            self.itemID = itemID
            self.type = type
            self.occurredAt = occurredAt
            self.surface = surface
        }

        private enum CodingKeys: String, CodingKey {
            case type, surface
            case itemID = "item_id"
            case occurredAt = "occurred_at"
        }
    }
}
