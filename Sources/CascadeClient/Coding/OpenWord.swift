extension CascadeClient {
    /// A word of an answer, of which a newer server may know more than this client.
    public protocol OpenWord: RawRepresentable<String>, ExpressibleByStringLiteral, Codable, Hashable, Sendable {
        /// Any word, known or not.
        init(rawValue: String)
    }
}

extension CascadeClient.OpenWord {
    /// The word as it stands in the answer.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}
