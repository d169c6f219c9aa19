import CascadeCore

/// Encodes the user and the history by the release's models, once for all that follows.
struct UserEncodingHydrator: DependentQueryHydrator {
    let name = "user_encoding"
    let degradation = Degradation.encodingFailed
    let timeout: Duration
    let pool: ComputePool

    func hydrate(_ query: PipelineQuery) async throws -> QueryPatch {
        let release = query.release
        let state = query.userState
        var patch = QueryPatch()
        patch.prepared = try await pool.run { _ in try release.prepare(state) }
        return patch
    }
}
