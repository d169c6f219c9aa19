import CascadeCore

/// Reads the user's attributes.
struct UserHydrator: QueryHydrator {
    let name = "user"
    let degradation = Degradation.userUnavailable
    let timeout: Duration
    let users: any UserReader

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
        guard let id = query.request.userID else { return patch }
        patch.user = .some(try await users.user(id))
        return patch
    }
}
