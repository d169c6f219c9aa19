public import Foundation

extension CascadeClient {
    /// A release, or the training that is to become one.
    public enum AnyRelease: Equatable, Sendable {
        /// One that was built.
        case built(Release)
        /// One that is trained, or whose training came to nothing.
        case training(ReleaseTraining)

        /// The release.
        public var releaseID: String {
            switch self {
            case .built(let release): release.releaseID
            case .training(let training): training.releaseID
            }
        }

        /// How it stands.
        public var state: ReleaseState {
            switch self {
            case .built(let release): release.state
            case .training(let training): training.state
            }
        }

        /// When it was made, or its training began.
        public var createdAt: Date {
            switch self {
            case .built(let release): release.createdAt
            case .training(let training): training.createdAt
            }
        }
    }
}

extension CascadeClient.AnyRelease: Codable {
    private enum CodingKeys: String, CodingKey {
        case heardAt = "heard_at"
    }

    /// Reads whichever it is: only trainings give signs of life.
    public init(from decoder: any Decoder) throws {
        let isTraining = try decoder.container(keyedBy: CodingKeys.self).contains(.heardAt)
        self = isTraining ? .training(try .init(from: decoder)) : .built(try .init(from: decoder))
    }

    /// Writes whichever it is.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .built(let release): try release.encode(to: encoder)
        case .training(let training): try training.encode(to: encoder)
        }
    }
}
