/// What a key of the REST service allows.
package enum APIScope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Recommendations and similar items.
    case recommend
    /// Events, impressions, follows and hidden items, to write and to read.
    case feedback
    /// Items and users, to write, read and remove.
    case catalog
    /// The pipeline, releases, jobs, explanations, figures, metrics and the description of the service.
    case inspect
    /// Jobs and releases, to begin and to change.
    case admin
}

/// A key of the REST service, as it is kept: by its digest.
package struct APIKey: Hashable, Sendable {
    package var id: String
    /// Whose it is, in words.
    package var name: String
    /// SHA-256 of the key, 32 bytes.
    package var digest: [UInt8]
    package var scopes: Set<APIScope>
    package var createdAt: Timestamp
    /// From when on it is no longer taken; nil while it is.
    package var revokedAt: Timestamp?

    package init(
        id: String, name: String, digest: [UInt8], scopes: Set<APIScope>, createdAt: Timestamp,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.digest = digest
        self.scopes = scopes
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}
