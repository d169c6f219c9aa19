extension CascadeClient {
    /// All rows of a list, read page by page as they are asked for.
    ///
    ///     for try await item in CascadeClient.Elements({ try await client.listItems(category: "news", cursor: $0) }) {
    public struct Elements<Element: Codable & Sendable>: AsyncSequence, Sendable {
        /// Reads the page after a cursor; nil stands for the first one.
        public typealias Fetch = @Sendable (_ cursor: String?) async throws -> Page<Element>

        private let fetch: Fetch

        /// Walks the list whose pages `fetch` reads; it must ask for every page with the same filters.
        public init(_ fetch: @escaping Fetch) { self.fetch = fetch }

        /// Begins with the first page.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(fetch: fetch) }

        /// Where a walk is.
        public struct AsyncIterator: AsyncIteratorProtocol {
            let fetch: Fetch
            private var rows: ArraySlice<Element> = []
            private var cursor: String?
            private var isAtEnd = false

            init(fetch: @escaping Fetch) { self.fetch = fetch }

            /// The next row, for which the next page is read where that is needed; nil after the last one.
            ///
            /// - Throws: what reading the page throws.
            public mutating func next() async throws -> Element? {
                // A page may be empty and have one behind it.
                while rows.isEmpty, !isAtEnd {
                    let page = try await fetch(cursor)
                    rows = page.data[...]
                    cursor = page.nextCursor
                    isAtEnd = cursor == nil
                }
                return rows.popFirst()
            }
        }
    }
}
