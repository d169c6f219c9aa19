public import Foundation

extension CascadeClient {
    /// Whether the server can do its work.
    public struct Readiness: Codable, Equatable, Sendable {
        /// The whole in a word.
        public struct Status: OpenWord {
            /// The word.
            public let rawValue: String
            /// Any word, known or not.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Requests are answered.
            public static let ready: Self = "ready"
            /// Requests are answered without some part.
            public static let degraded: Self = "degraded"
            /// Requests are not answered.
            public static let notReady: Self = "not_ready"

            package static let known: [Self] = [ready, degraded, notReady]
        }

        /// One part that was looked at.
        public struct Check: Codable, Equatable, Sendable {
            /// The name of the part.
            public var name: String
            /// `ok`, `degraded` or `failed`.
            public var status: String
            /// What is wrong; nil where nothing is.
            @ExplicitNull public var detail: String?
        }

        /// The index that is served.
        public struct Index: Codable, Equatable, Sendable {
            /// Its version.
            public var version: String
            /// How many items it holds.
            public var items: Int
            /// When it was built.
            public var builtAt: Date
            /// Seconds since then.
            public var ageSeconds: Int

            private enum CodingKeys: String, CodingKey {
                case version, items
                case builtAt = "built_at"
                case ageSeconds = "age_seconds"
            }
        }

        /// The models that are served.
        public struct Model: Codable, Equatable, Sendable {
            /// The version of the ranker; nil for none.
            @ExplicitNull public var version: String?
            /// The version of the retrieval model.
            public var retrievalVersion: String
            /// When they were trained.
            public var trainedAt: Date
            /// Seconds since then.
            public var ageSeconds: Int

            private enum CodingKeys: String, CodingKey {
                case version
                case retrievalVersion = "retrieval_version"
                case trainedAt = "trained_at"
                case ageSeconds = "age_seconds"
            }
        }

        /// The whole in a word.
        public var status: Status
        /// The parts.
        public var checks: [Check]
        /// The release that is served; nil for none.
        @ExplicitNull public var releaseID: String?
        /// The index that is served; nil for none.
        @ExplicitNull public var index: Index?
        /// The models that are served; nil for none.
        @ExplicitNull public var model: Model?

        private enum CodingKeys: String, CodingKey {
            case status, checks, index, model
            case releaseID = "release_id"
        }
    }
}
