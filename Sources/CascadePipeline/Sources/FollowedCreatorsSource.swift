import CascadeCore

/// The newest items of the creators that the user follows, by turns, so that a busy one does not push the others out.
///
/// A row's score is one over its place in its creator's list, counted from 1; the creator is its `because`.
struct FollowedCreatorsSource: Source {
    static let key = "followed_creators"

    let settings: SourceSettings
    let reason = Reason.followedCreator
    let pool: ComputePool

    func isEnabled(for query: PipelineQuery) -> Bool { !query.followed.isEmpty }

    func candidates(for query: PipelineQuery, page: SourcePage) async throws -> SourceBatch {
        let relations = query.release.relations
        let followed = query.followed
        // What the page may pass over stands before what it takes.
        let limit = page.limit + page.taken.count + page.knownRemoved.count
        return try await pool.run { _ in
            page.pick(byTurns: followed.map { relations.newest(by: $0, limit: limit) }, because: followed)
        }
    }
}
