extension CascadeClient {
    /// What was removed with a user, and what was made of it before.
    public struct Erasure: Codable, Equatable, Sendable {
        /// What of a user the models of a release were made with.
        public struct Remains: OpenWord {
            /// The word.
            public let rawValue: String
            /// Any word, known or not.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Events or impressions of the user.
            public static let interactions: Self = "interactions"
            /// Attributes of the user.
            public static let attributes: Self = "attributes"
            /// Rows of a table that were learned for the user.
            public static let userID: Self = "user_id"

            package static let known: [Self] = [interactions, attributes, userID]
        }

        /// The user.
        public var userID: String
        /// How many rows were removed, by table.
        public var deletedRows: [String: Int]
        /// The active release; nil where there is none.
        @ExplicitNull public var releaseID: String?
        /// Whether what the active release was made from can have held the user.
        public var inActiveRelease: Bool
        /// How it can; gone with the next training.
        public var remains: [Remains]

        private enum CodingKeys: String, CodingKey {
            case remains
            case userID = "user_id"
            case deletedRows = "deleted_rows"
            case releaseID = "release_id"
            case inActiveRelease = "in_active_release"
        }
    }
}
