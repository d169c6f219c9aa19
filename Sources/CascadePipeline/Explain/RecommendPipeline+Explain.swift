import CascadeCore

extension RecommendPipeline: Explaining {
    package func recompute(
        _ itemID: String, in trace: PipelineTrace
    ) async throws(NotRecomputed) -> RecomputedItem {
        guard let release = environment.release() else { throw .noRelease }
        guard trace.release?.releaseID == release.stamp.releaseID else {
            throw .otherRelease(made: trace.release?.releaseID ?? "none", served: release.stamp.releaseID)
        }
        let catalog = release.catalog
        var result = RecomputedItem(releaseID: release.stamp.releaseID, state: .unknown)
        guard let row = catalog.row(of: ItemID(itemID)) else { return result }
        result.state = catalog.isDeleted(row) ? .deleted : catalog.isHidden(row) ? .hidden : .shown
        let state = try await user(of: trace)
        // What heads counted for then.
        let factors = ScoreWeights.factors(of: release, settings: settings, wanted: trace.weights)
        let marks = trace.candidates.flatMap(\.sources).filter { $0.name == TwoTowerSource.key }
        let cut = marks.max { $0.rank < $1.rank }
        do {
            let recent = try await release.recentCounters?.read(user: state.userID, rows: [row], at: state.now)
            let (standing, heads) = try await environment.pool.run { cancellation in
                let prepared = try release.prepare(state)
                let isSearchedFor = prepared.historyCount > 0 || prepared.isToldByAttributes
                let standing = isSearchedFor ? try release.standing(prepared, of: row) : nil
                let heads =
                    factors.isEmpty
                    ? nil
                    : try release.score(
                        prepared, rows: [row], recent: recent, cancellation: cancellation)
                return (standing, heads)
            }
            if let standing {
                result.retrieval = .init(
                    score: standing.score, rank: standing.rank, of: standing.count, cutRank: cut?.rank,
                    cutScore: cut?.score)
            }
            if let heads {
                result.heads = Dictionary(
                    zip(factors.map(\.name), heads.probabilities), uniquingKeysWith: { first, _ in first })
                result.weightedScore = ScoreWeights.sum(heads.probabilities[...], factors.map(\.weight))
            }
        } catch {
            throw .unavailable("\(error)")
        }
        return result
    }

    /// The user as of the moment of the slate.
    private func user(of trace: PipelineTrace) async throws(NotRecomputed) -> UserState {
        guard let id = trace.userID.map({ UserID($0) }) else { throw .anonymous }
        guard let made = Timestamp(rfc3339: trace.generatedAt) else {
            throw .unavailable("the trace does not say when the slate was made")
        }
        do {
            // What happened at the moment of the slate itself was before it.
            let past = try await environment.histories?.history(
                of: id, before: made.adding(seconds: 1e-6), limit: settings.historyLimit)
            return UserState(
                userID: id, user: try await environment.users?.user(id), history: past ?? [], now: made)
        } catch {
            throw .unavailable("the user cannot be read: \(error)")
        }
    }
}
