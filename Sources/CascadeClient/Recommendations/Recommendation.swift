public import Foundation

extension CascadeClient {
    /// A slate.
    public struct Recommendation: Codable, Equatable, Sendable {
        /// Names the slate; send it with impressions and events.
        public var recommendationID: String
        /// Whom it is for; nil for an anonymous visitor.
        @ExplicitNull public var userID: String?
        /// The release that made it; nil where none is active.
        @ExplicitNull public var releaseID: String?
        /// When it was made.
        public var generatedAt: Date
        /// The items, best first.
        public var items: [RecommendedItem]
        /// Whether something simpler stood in.
        public var fallback: Fallback
        /// Whether there are fewer items than were asked for.
        public var underfilled: Underfilled
        /// What was missing, such as `history_stale`.
        public var degraded: [String]
        /// Where the time went.
        public var timingsMS: Timings
        /// The arm of each A/B test that served the user; nil for none.
        public var experiment: [String: String]?
        /// The path of the next page; nil where there is none.
        public var next: String?
        /// How the slate came to be; only where it was asked for.
        public var trace: JSON?

        private enum CodingKeys: String, CodingKey {
            case items, fallback, underfilled, degraded, experiment, next, trace
            case recommendationID = "recommendation_id"
            case userID = "user_id"
            case releaseID = "release_id"
            case generatedAt = "generated_at"
            case timingsMS = "timings_ms"
        }
    }

    /// Whether there are fewer items than were asked for.
    public struct Underfilled: Codable, Equatable, Sendable {
        /// The number that was asked for.
        public var requested: Int
        /// The number that is there.
        public var returned: Int
        /// Why it is smaller; nil where it is not.
        @ExplicitNull public var cause: UnderfillCause?
    }

    /// Why a slate is short.
    public struct UnderfillCause: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// There are no more items.
        public static let catalogExhausted: Self = "catalog_exhausted"
        /// Filters took them out.
        public static let filters: Self = "filters"
        /// Sources failed.
        public static let sourceErrors: Self = "source_errors"
        /// The time ran out.
        public static let deadline: Self = "deadline"

        package static let known: [Self] = [catalogExhausted, filters, sourceErrors, deadline]
    }

    /// Milliseconds that parts of the work took.
    public struct Timings: Codable, Equatable, Sendable {
        /// The whole.
        public var total: Double
        /// Finding candidates; nil for a ranked list.
        public var retrieve: Double?
        /// Scoring them.
        public var rank: Double
    }
}
