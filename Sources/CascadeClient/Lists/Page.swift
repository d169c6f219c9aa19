extension CascadeClient {
    /// One page of a list.
    public struct Page<Element: Codable & Sendable>: Codable, Sendable {
        /// The rows of the page.
        public var data: [Element]
        /// What the next page is asked for by; nil on the last one.
        @ExplicitNull public var nextCursor: String?

        private enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }
}

extension CascadeClient.Page: Equatable where Element: Equatable {}

extension CascadeClient {
    /// The parameters that ask for a page.
    static func page(_ limit: Int?, _ cursor: String?) -> [(name: String, value: String?)] {
        [("limit", limit.map { String($0) }), ("cursor", cursor)]
    }
}
