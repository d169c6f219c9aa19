extension CascadeClient {
    private struct EventBatch: Encodable, Sendable {
        let events: [Event]
    }

    private struct ImpressionBatch: Encodable, Sendable {
        let impressions: [Impression]
    }

    /// Says what users did; rows are taken or refused one by one.
    ///
    /// - Parameters:
    ///   - events: 1 to 500.
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func postEvents(
        _ events: [Event], idempotencyKey: String? = nil
    ) async throws(CascadeClientError) -> BatchOutcome {
        try await answer(
            to: Call(operation: .postEvents, body: EventBatch(events: events), key: idempotencyKey))
    }

    /// Says what users were shown; lists are taken or refused one by one, and the outcome counts their items.
    ///
    /// - Parameters:
    ///   - impressions: 1 to 500 lists.
    ///   - idempotencyKey: names the write for 24 hours; nil makes a name that holds for the repeats of this call.
    public func postImpressions(
        _ impressions: [Impression], idempotencyKey: String? = nil
    ) async throws(CascadeClientError) -> BatchOutcome {
        try await answer(
            to: Call(
                operation: .postImpressions, body: ImpressionBatch(impressions: impressions), key: idempotencyKey))
    }

    /// A page of what a user did, newest first.
    ///
    /// - Parameters:
    ///   - type: only events of this type.
    ///   - limit: rows of the page, 1 to 500.
    ///   - cursor: the `nextCursor` of the page before; nil for the first page.
    public func listEvents(
        _ userID: String, type: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws(CascadeClientError) -> Page<StoredEvent> {
        let query = [("type", type)] + Self.page(limit, cursor)
        return try await answer(to: Call(operation: .listEvents, path: [userID], query: query))
    }
}
