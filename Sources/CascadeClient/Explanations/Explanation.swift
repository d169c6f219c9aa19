public import Foundation

extension CascadeClient {
    /// Why an item is in a slate or not, or how the whole slate came to be.
    public struct Explanation: Codable, Equatable, Sendable {
        /// The slate.
        public var recommendationID: String
        /// Whom it was for; nil for an anonymous visitor.
        @ExplicitNull public var userID: String?
        /// The release that made it; nil where none was active.
        @ExplicitNull public var releaseID: String?
        /// When it was made.
        public var generatedAt: Date
        /// The item that was asked for; like all below but `trace` nil where none was.
        public var itemID: String?
        /// What became of the item.
        public var verdict: Verdict?
        /// The same as a sentence for people.
        public var detail: String?
        /// What the trace holds of the item; `JSON.null` where no source brought it.
        public var candidate: JSON?
        /// What the release makes of an item that no source brought; `JSON.null` where that was not computed.
        public var recomputed: JSON?
        /// The whole trace; nil where an item was asked for.
        public var trace: JSON?

        private enum CodingKeys: String, CodingKey {
            case verdict, detail, candidate, recomputed, trace
            case recommendationID = "recommendation_id"
            case userID = "user_id"
            case releaseID = "release_id"
            case generatedAt = "generated_at"
            case itemID = "item_id"
        }
    }

    /// What became of an item.
    public struct Verdict: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It is in the slate.
        public static let shown: Self = "shown"
        /// A filter took it out.
        public static let removed: Self = "removed"
        /// It was scored, and others were placed before it.
        public static let notSelected: Self = "not_selected"
        /// No source brought it.
        public static let notRetrieved: Self = "not_retrieved"

        package static let known: [Self] = [shown, removed, notSelected, notRetrieved]
    }

    /// How a slate came to be, or why one item is in it or not.
    ///
    /// Traces are kept of a share of the slates; of others it fails with `not_found`.
    ///
    /// - Parameter itemID: the item to explain, recommended or not; nil for the whole trace.
    public func explainRecommendation(
        _ recommendationID: String, itemID: String? = nil
    ) async throws(CascadeClientError) -> Explanation {
        try await answer(
            to: Call(operation: .explainRecommendation, path: [recommendationID], query: [("item_id", itemID)]))
    }
}
