extension CascadeClient {
    private struct ItemBatch: Encodable, Sendable {
        let items: [WrittenItem]
    }

    /// A page of the catalog, by identifier; hidden items too.
    ///
    /// - Parameters:
    ///   - category: only items of this category.
    ///   - hidden: only hidden items, or only others.
    ///   - limit: rows of the page, 1 to 500.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listItems(
        category: String? = nil, hidden: Bool? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws(CascadeClientError) -> Page<Item> {
        let query = [("category", category), ("hidden", hidden.map { String($0) })] + Self.page(limit, cursor)
        return try await answer(to: Call(operation: .listItems, query: query))
    }

    /// Writes items whole; rows are taken or refused one by one.
    ///
    /// - Parameters:
    ///   - items: 1 to 1000.
    ///   - atomic: whether one wrong row refuses all of them.
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func postItems(
        _ items: [WrittenItem], atomic: Bool? = nil, idempotencyKey: String? = nil
    ) async throws(CascadeClientError) -> BatchOutcome {
        let query = [("atomic", atomic.map { String($0) })]
        return try await answer(
            to: Call(operation: .postItems, query: query, body: ItemBatch(items: items), key: idempotencyKey))
    }

    /// Writes an item whole and gives it back.
    public func putItem(_ itemID: String, _ body: ItemBody) async throws(CascadeClientError) -> Item {
        try await answer(to: Call(operation: .putItem, path: [itemID], body: body))
    }

    /// Changes members of an item and gives it back; not repeated by itself.
    public func patchItem(_ itemID: String, _ patch: ItemPatch) async throws(CascadeClientError) -> Item {
        try await answer(to: Call(operation: .patchItem, path: [itemID], body: patch))
    }

    /// An item of the catalog.
    public func getItem(_ itemID: String) async throws(CascadeClientError) -> Item {
        try await answer(to: Call(operation: .getItem, path: [itemID]))
    }

    /// Removes an item; it is recommended no more.
    ///
    /// Repeated after an answer was lost, it fails with `not_found` although the item was removed.
    public func deleteItem(_ itemID: String) async throws(CascadeClientError) {
        try await send(Call(operation: .deleteItem, path: [itemID]))
    }
}
