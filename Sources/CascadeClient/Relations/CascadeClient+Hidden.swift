public import Foundation

extension CascadeClient {
    /// That a user asked never to see an item again.
    public struct Hidden: Codable, Equatable, Sendable {
        /// Who asked.
        public var userID: String
        /// What is hidden.
        public var itemID: String

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case itemID = "item_id"
        }
    }

    /// An item that a user asked never to see again.
    public struct HiddenItem: Codable, Equatable, Sendable {
        /// What is hidden.
        public var itemID: String
        /// Since when.
        public var hiddenAt: Date

        private enum CodingKeys: String, CodingKey {
            case itemID = "item_id"
            case hiddenAt = "hidden_at"
        }
    }

    /// A page of the items that a user asked never to see again, by identifier.
    ///
    /// - Parameters:
    ///   - limit: rows of the page, 1 to 500.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listHidden(
        _ userID: String, limit: Int? = nil, cursor: String? = nil
    ) async throws(CascadeClientError) -> Page<HiddenItem> {
        try await answer(to: Call(operation: .listHidden, path: [userID], query: Self.page(limit, cursor)))
    }

    /// Never shows an item to a user again.
    @discardableResult
    public func putHidden(_ userID: String, _ itemID: String) async throws(CascadeClientError) -> Hidden {
        try await answer(to: Call(operation: .putHidden, path: [userID, itemID]))
    }

    /// Lets a user see an item again; no failure where that was so before.
    public func deleteHidden(_ userID: String, _ itemID: String) async throws(CascadeClientError) {
        try await send(Call(operation: .deleteHidden, path: [userID, itemID]))
    }
}
