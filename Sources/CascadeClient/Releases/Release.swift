public import Foundation

extension CascadeClient {
    /// A release that was built.
    public struct Release: Codable, Equatable, Sendable {
        /// The release.
        public var releaseID: String
        /// How it stands.
        public var state: ReleaseState
        /// When it was made.
        public var createdAt: Date
        /// When it was served first; nil for never.
        @ExplicitNull public var activatedAt: Date?
        /// The version of its retrieval model.
        public var retrievalModelID: String
        /// The version of its ranker; nil for none.
        @ExplicitNull public var rankerModelID: String?
        /// The checksum of its list of files.
        public var manifestSHA256: String
        /// What was measured of it.
        public var metrics: JSON?
        /// What it was made by; nil in lists.
        public var config: JSON?
        /// How it was trained and measured, for pictures; nil in lists.
        public var report: JSON?

        private enum CodingKeys: String, CodingKey {
            case state, metrics, config, report
            case releaseID = "release_id"
            case createdAt = "created_at"
            case activatedAt = "activated_at"
            case retrievalModelID = "retrieval_model_id"
            case rankerModelID = "ranker_model_id"
            case manifestSHA256 = "manifest_sha256"
        }
    }

    /// A release that is trained, or whose training came to nothing.
    public struct ReleaseTraining: Codable, Equatable, Sendable {
        /// The release.
        public var releaseID: String
        /// How it stands.
        public var state: ReleaseState
        /// When its training began.
        public var createdAt: Date
        /// Its last sign of life.
        public var heardAt: Date
        /// The job that trains it; nil for none.
        @ExplicitNull public var jobID: String?
        /// Why it came to nothing.
        @ExplicitNull public var failure: String?
        /// What it is made by; nil in lists.
        public var config: JSON?

        private enum CodingKeys: String, CodingKey {
            case state, failure, config
            case releaseID = "release_id"
            case createdAt = "created_at"
            case heardAt = "heard_at"
            case jobID = "job_id"
        }
    }

    /// How a release stands.
    public struct ReleaseState: OpenWord {
        /// The word.
        public let rawValue: String
        /// Any word, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It is trained.
        public static let training: Self = "training"
        /// It can be served.
        public static let ready: Self = "ready"
        /// It is served.
        public static let active: Self = "active"
        /// It was served before.
        public static let retired: Self = "retired"
        /// It came to nothing.
        public static let failed: Self = "failed"
        /// Its files are gone.
        public static let removed: Self = "removed"

        package static let known: [Self] = [training, ready, active, retired, failed, removed]
    }
}
