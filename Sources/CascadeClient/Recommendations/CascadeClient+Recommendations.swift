extension CascadeClient {
    /// A slate of items for a user.
    public func recommend(_ request: RecommendRequest) async throws(CascadeClientError) -> Recommendation {
        try await answer(to: Call(operation: .recommend, body: request))
    }

    /// A slate of items for a user, by what can be said in few words.
    ///
    /// - Parameters:
    ///   - limit: the number of items.
    ///   - include: what the answer tells of each item.
    ///   - excludeSeen: whether what the user was shown or acted on is left out.
    ///   - debug: whether the answer has the trace.
    public func recommendForUser(
        _ userID: String, limit: Int? = nil, include: [Part]? = nil, excludeSeen: Bool? = nil, debug: Bool? = nil
    ) async throws(CascadeClientError) -> Recommendation {
        let query = [
            ("limit", limit.map { String($0) }),
            ("include", include.map { $0.map(\.rawValue).joined(separator: ",") }),
            ("exclude_seen", excludeSeen.map { String($0) }), ("debug", debug.map { String($0) }),
        ]
        return try await answer(to: Call(operation: .recommendForUser, path: [userID], query: query))
    }

    /// The page after a slate, without anything that the pages before have shown.
    ///
    /// It fails with `gone` once the time for it is over, half an hour where nothing else is configured.
    public func nextPage(_ recommendationID: String) async throws(CascadeClientError) -> Recommendation {
        try await answer(to: Call(operation: .nextPage, path: [recommendationID]))
    }
}
