import CascadeCore

/// Reads the creators that the user follows; only there when a source asks for them.
struct FollowsHydrator: QueryHydrator {
    /// Creators that are read; who follows more is served from the latest.
    static let limit = 500

    let name = "follows"
    let degradation = Degradation.followsUnavailable
    let timeout: Duration
    let follows: any FollowReader

    func isEnabled(for query: PipelineQuery) -> Bool { query.request.userID != nil }

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        var patch = QueryPatch()
        guard let id = query.request.userID else { return patch }
        patch.followed = try await follows.followedCreators(of: id, limit: Self.limit)
        return patch
    }
}
