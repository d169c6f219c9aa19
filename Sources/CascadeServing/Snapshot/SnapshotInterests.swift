import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline

/// Retrieval by interests in a snapshot: the clusters of the release and what came since, with the wish's filter.
struct SnapshotInterests: InterestRetrieval {
    let snapshot: ReleaseSnapshot
    let loaded: LoadedInterests

    /// Items of the history that an interest names at most.
    private static let named = 3

    func plan(
        for user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> any InterestPlan {
        let interests = try snapshot.interests(of: user)
        let later = snapshot.delta.later
        let quotas = loaded.quotas
        try cancellation.check()
        let intent = try interests.intent(loaded.encoder, later, cluster: cluster)
        let chosen = try choose(intent, quotas, wish)
        var counts = [Int](repeating: 0, count: chosen.count)
        let probabilities = chosen.map { intent[Int($0.scope.cluster)] }
        for place in quotas.merged(probabilities, counts: chosen.map(\.count), limit: wish.limit) {
            counts[place.list] += 1
        }
        let kept = chosen.indices.filter { counts[$0] > 0 }
        try cancellation.check()
        let vectors = try interests.vectors(kept.map { chosen[$0].scope.cluster }, loaded.encoder, later)
        let because = because(interests.entries, kept.map { chosen[$0].scope.cluster })
        let shares = kept.map { index in
            let cluster = chosen[index].scope.cluster
            return InterestShare(
                cluster: cluster, name: loaded.name(of: cluster),
                probability: probabilities[index], quota: counts[index], because: because[cluster] ?? [])
        }
        return Plan(
            shares: shares, quotas: quotas, limit: wish.limit, targets: kept.map { chosen[$0] }, vectors: vectors,
            retrieval: self)
    }

    /// A cluster as a wish may search it.
    fileprivate struct Target: Sendable {
        let scope: ClusteredIndex.Scope
        /// Places of the delta; nil for none.
        let later: RowSet?

        /// Rows that it can give.
        var count: Int { scope.count + (later?.count ?? 0) }
    }

    /// The likeliest clusters of those that can give something, likeliest first.
    private func choose(_ intent: [Float], _ quotas: InterestQuotas, _ wish: RetrievalWish) throws -> [Target] {
        guard wish.limit > 0 else { return [] }
        let all = InterestQuotas.order(intent)
        let released = snapshot.releasedFilter(wish)
        let later = snapshot.delta.interests
        let laterFilter = later == nil ? nil : snapshot.laterFilter(wish)
        var targets: [Target] = []
        var next = 0
        while next < all.count, targets.count < quotas.most {
            // Mostly the likeliest have something; where a filter leaves them nothing, all others are looked at together.
            let asked = Array(next == 0 ? all.prefix(quotas.most) : all[next...])
            next += asked.count
            for scope in try loaded.index.scopes(asked, filter: released) where targets.count < quotas.most {
                let places = laterFilter.flatMap { later?.places(of: scope.cluster, $0) }
                let target = Target(scope: scope, later: places)
                if target.count > 0 { targets.append(target) }
            }
        }
        return targets
    }

    /// The items of a history, newest first, that lie in some clusters and that the user gave the signal that matters.
    private func because(_ entries: [HistoryEntry], _ clusters: [Int32]) -> [Int32: [ItemID]] {
        let signal = snapshot.loaded.bundle.map.mainSignal
        var because: [Int32: [ItemID]] = [:]
        for entry in entries where signal.map(entry.signals.contains) ?? !entry.signals.isEmpty {
            guard let row = snapshot.catalog.row(of: entry.itemID), let cluster = cluster(of: row),
                clusters.contains(cluster), because[cluster, default: []].count < Self.named,
                because[cluster]?.contains(entry.itemID) != true
            else { continue }
            because[cluster, default: []].append(entry.itemID)
        }
        return because
    }

    private func cluster(of row: Int32) -> Int32? {
        let released = snapshot.loaded.count
        if Int(row) < released { return loaded.index.cluster(of: row) }
        return snapshot.delta.interests?.cluster(ofPlace: Int(row) - released)
    }

    fileprivate func search(_ target: Target, _ vector: [Float], quota: Int) throws -> [ScoredRow] {
        let effort = snapshot.release.efSearch
        let found = try loaded.index.search(target.scope, query: vector[...], k: quota, effort: effort)
        if loaded.index.hasGraph(target.scope.cluster) {
            snapshot.monitor?.offer(
                RecallMonitor.Search(
                    loaded: snapshot.loaded, place: .interests(loaded, target.scope), effort: effort, vector: vector,
                    k: quota, found: found))
        }
        let released = found.map { ScoredRow(row: $0.row, score: $0.score) }
        guard let places = target.later, let index = snapshot.delta.interests?.index else { return released }
        let first = Int32(snapshot.loaded.count)
        let later = try index.search(vector, k: quota, filter: .allowing(places))
            .map { ScoredRow(row: $0.row + first, score: $0.score) }
        return Array((released + later).sorted { ($0.score, $1.row) > ($1.score, $0.row) }.prefix(quota))
    }

    private struct Plan: InterestPlan {
        let shares: [InterestShare]
        let quotas: InterestQuotas
        let limit: Int
        let targets: [Target]
        let vectors: [[Float]]
        let retrieval: SnapshotInterests

        func search(_ share: Int, cancellation: ComputePool.Cancellation) throws -> [ScoredRow] {
            try cancellation.check()
            return try retrieval.search(targets[share], vectors[share], quota: shares[share].quota)
        }

        func merged(_ counts: [Int]) -> [InterestPlace] {
            quotas.merged(shares.map(\.probability), counts: counts, limit: limit)
                .map { InterestPlace(share: $0.list, rank: $0.rank, score: $0.score) }
        }
    }
}
