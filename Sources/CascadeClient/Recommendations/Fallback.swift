extension CascadeClient {
    /// Whether something simpler stood in for a part that could not be used.
    public struct Fallback: Codable, Equatable, Sendable {
        /// Whether it did.
        public var used: Bool
        /// Why; nil where it did not.
        @ExplicitNull public var reason: FallbackReason?
    }

    /// Why something simpler stood in.
    public struct FallbackReason: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nothing is known of the user.
        public static let unknownUser: Self = "unknown_user"
        /// The user did nothing yet.
        public static let noHistory: Self = "no_history"
        /// No release is served.
        public static let noActiveRelease: Self = "no_active_release"
        /// Retrieval took too long.
        public static let retrievalTimeout: Self = "retrieval_timeout"
        /// Retrieval failed.
        public static let retrievalError: Self = "retrieval_error"
        /// The ranker failed.
        public static let rankerError: Self = "ranker_error"

        package static let known: [Self] = [
            unknownUser, noHistory, noActiveRelease, retrievalTimeout, retrievalError, rankerError,
        ]
    }
}
