public import Foundation

extension CascadeClient {
    /// A user.
    public struct User: Codable, Equatable, Sendable {
        /// The user.
        public var userID: String
        /// The attributes by their names.
        public var attributes: [String: JSON]
        /// Since when there is the user.
        @ExplicitNull public var createdAt: Date?

        private enum CodingKeys: String, CodingKey {
            case attributes
            case userID = "user_id"
            case createdAt = "created_at"
        }
    }

    /// What a user is written with, whole: what is nil here is nothing there.
    public struct UserBody: Codable, Equatable, Sendable {
        /// Numbers, texts, flags and lists of texts by their names, at most 256.
        public var attributes: [String: JSON]?
        /// Since when there is the user.
        public var createdAt: Date?

        /// Describes a user.
        public init(attributes: [String: JSON]? = nil, createdAt: Date? = nil) {
            self.attributes = attributes
            self.createdAt = createdAt
        }

        /// What `user` is written with to be as it is.
        public init(_ user: User) { self.init(attributes: user.attributes, createdAt: user.createdAt) }

        private enum CodingKeys: String, CodingKey {
            case attributes
            case createdAt = "created_at"
        }
    }

    /// A row of a batch of users; in JSON the members of its body stand beside its identifier.
    public struct WrittenUser: Codable, Equatable, Sendable {
        /// The user.
        public var userID: String
        /// What the user is written with.
        public var body: UserBody

        /// Describes a user.
        public init(userID: String, _ body: UserBody = UserBody()) {
            self.userID = userID
            self.body = body
        }

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
        }

        /// Reads the identifier and the body from one object.
        public init(from decoder: any Decoder) throws {
            userID = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .userID)
            body = try UserBody(from: decoder)
        }

        /// Writes the identifier and the body into one object.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(userID, forKey: .userID)
            try body.encode(to: encoder)
        }
    }

    /// What changes of a user.
    public struct UserPatch: Codable, Equatable, Sendable {
        /// Laid over the attributes that are there; `JSON.null` removes one.
        public var attributes: Change<[String: JSON]>
        /// Since when there is the user.
        public var createdAt: Change<Date>

        /// Changes what is given and keeps the rest.
        public init(attributes: Change<[String: JSON]> = .keep, createdAt: Change<Date> = .keep) {
            self.attributes = attributes
            self.createdAt = createdAt
        }

        private enum CodingKeys: String, CodingKey {
            case attributes
            case createdAt = "created_at"
        }
    }
}
