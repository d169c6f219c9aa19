package import CascadeCore
import CascadeFeatures
import CascadeIndex
package import CascadeModels
package import CascadePipeline
import Foundation

/// A release ready to serve with what became of the catalog since: models, index and rows, immutable, shared by all
/// requests.
package final class ReleaseSnapshot: ReleaseView {
    /// What every snapshot of the release shares.
    package let loaded: LoadedRelease
    /// The release as the database knows it now.
    package let release: Release
    package let delta: CatalogDelta
    package let catalog: any CatalogView
    let monitor: RecallMonitor?
    private let counterReader: CounterReader?

    /// Verifies the checksum of every artifact, then maps them; knows of no change of the catalog.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file, `ServingError.mismatchedRelease` where the parts are of
    ///   different runs.
    package convenience init(_ release: Release, artifacts: any ArtifactStore, configHash: String) throws {
        let loaded = try LoadedRelease(release, artifacts: artifacts, configHash: configHash)
        var unchanged = DeltaBuilder(loaded, limit: 0)
        self.init(loaded, release: release, delta: try unchanged.delta())
    }

    /// - Parameters:
    ///   - monitor: measures the searches, where there is one.
    ///   - counters: reads what the release counts over windows of time; nil: it is served as if nothing were counted.
    package init(
        _ loaded: LoadedRelease, release: Release, delta: CatalogDelta, monitor: RecallMonitor? = nil,
        counters: CounterReader? = nil
    ) {
        self.loaded = loaded
        self.release = release
        self.delta = delta
        self.monitor = monitor
        counterReader = counters
        catalog = SnapshotCatalog(loaded, delta)
    }

    /// The same with other changes of the catalog.
    package func with(delta: CatalogDelta) -> ReleaseSnapshot {
        ReleaseSnapshot(loaded, release: release, delta: delta, monitor: monitor, counters: counterReader)
    }

    /// The same for a row of the database that was written again.
    package func with(release: Release) -> ReleaseSnapshot {
        ReleaseSnapshot(loaded, release: release, delta: delta, monitor: monitor, counters: counterReader)
    }

    package var manifest: Manifest { loaded.manifest }
    package var stamp: ReleaseStamp { loaded.stamp }
    package var heads: [HeadWeight] { loaded.heads }
    package var headFactors: HeadFactors? { release.headFactors }
    package var popular: [ScoredRow] { delta.popular }
    package var fresh: [Int32] { delta.fresh }
    package var relations: any ItemRelations { SnapshotRelations(snapshot: self) }
    package var interests: (any InterestRetrieval)? {
        loaded.interests.map { SnapshotInterests(snapshot: self, loaded: $0) }
    }

    package var recentCounters: (any RecentCounters)? {
        counterReader.map { SnapshotCounters(snapshot: self, reader: $0) }
    }

    /// Keys of counters over windows of time that are in memory.
    package var cachedCounters: Int { counterReader?.cachedKeys ?? 0 }

    /// Candidates that a search of the index keeps.
    package var searchEffort: Int { release.efSearch ?? loaded.index.parameters.efSearch }

    /// What the index is like.
    package struct IndexFigures: Hashable, Sendable {
        package let items: Int
        package let dimension: Int
        package let m: Int
        package let efConstruction: Int
        /// Candidates that a search keeps where it was not tuned.
        package let efSearch: Int
    }

    package var indexFigures: IndexFigures {
        let parameters = loaded.index.parameters
        return IndexFigures(
            items: loaded.count, dimension: loaded.index.dimension, m: parameters.m,
            efConstruction: parameters.efConstruction, efSearch: parameters.efSearch)
    }

    /// What the clusters are like; nil in a release without interests.
    package var interestFigures: LoadedInterests.Figures? { loaded.interests?.figures }

    /// Bytes of the clusters' indexes.
    package var interestBytes: Int { manifest.files[ClusteredIndex.fileName]?.bytes ?? 0 }

    private struct Prepared: PreparedUser {
        /// Whose rows the history has.
        let snapshot: ObjectIdentifier
        let releaseID: String
        let history: EncodedHistory
        /// When the request was made.
        let moment: Timestamp
        /// Steps that tell the retrieval model something.
        let historyCount: Int
        let isToldByAttributes: Bool
        let vector: [Float]
        /// Nil in a release without a ranker.
        let context: RankerEnsemble.Context?
        /// Nil in a release without interests.
        let interests: UserInterests?
    }

    package func prepare(_ state: UserState) throws -> any PreparedUser {
        let bundle = loaded.bundle
        let user = state.user ?? User(id: state.userID ?? UserID(""))
        let history = EncodedHistory(state.history, map: bundle.map) { catalog.row(of: $0) }
        let encoded = bundle.retrievalUsers.encode([user])
        return try history.lend { slice in
            let vector = try bundle.retrieval.userVector(users: encoded, row: 0, history: slice, later: delta.later)
            return Prepared(
                snapshot: ObjectIdentifier(self), releaseID: stamp.releaseID, history: history, moment: state.now,
                historyCount: readable(state.history, history),
                isToldByAttributes: bundle.settings.retrieval.learnsWithoutPast
                    && bundle.retrievalUsers.tells(ofNew: user),
                vector: vector,
                context: try bundle.ranker?.context(
                    users: bundle.rankerUsers.encode([user]), row: 0, history: slice, at: state.now, later: delta.later,
                    tower: bundle.retrieval.towerPart(of: vector)),
                interests: loaded.interests == nil
                    ? nil : UserInterests(users: encoded, history: history, entries: state.history))
        }
    }

    /// Steps of items that training met where a step is known by its identifier; all steps where items tell by themselves.
    private func readable(_ entries: [HistoryEntry], _ encoded: EncodedHistory) -> Int {
        guard loaded.bundle.map.retrieval.items.historyLookups > 0 else { return encoded.count }
        return entries.count { catalog.row(of: $0.itemID) != nil && loaded.bundle.counterSet.knows($0.itemID) }
    }

    package func retrieve(
        _ user: any PreparedUser, _ wish: RetrievalWish, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow] {
        let prepared = try own(user)
        try cancellation.check()
        return try search(prepared.vector, wish)
    }

    package func standing(_ user: any PreparedUser, of row: Int32) throws -> RetrievalStanding? {
        let vector = try own(user).vector
        let wish = RetrievalWish(limit: catalog.count)
        var found = try loaded.index.exact.search(vector, k: loaded.count, filter: releasedFilter(wish))
            .map { ScoredRow(row: $0.row, score: $0.score) }
        if let index = delta.index {
            let first = Int32(loaded.count)
            found += try index.search(vector, k: index.count, filter: laterFilter(wish))
                .map { ScoredRow(row: $0.row + first, score: $0.score) }
        }
        guard let own = found.first(where: { $0.row == row }) else { return nil }
        let rank = found.count { ($0.score, row) > (own.score, $0.row) }
        return RetrievalStanding(score: own.score, rank: rank, count: found.count)
    }

    /// The rows nearest to a vector, of the release's index and of what came since; see `retrieve`.
    func search(_ vector: [Float], _ wish: RetrievalWish) throws -> [ScoredRow] {
        let filter = releasedFilter(wish)
        let found = try loaded.index.search(vector, k: wish.limit, filter: filter, effort: searchEffort)
        monitor?.offer(
            RecallMonitor.Search(
                loaded: loaded, place: .items(filter: filter), effort: searchEffort, vector: vector, k: wish.limit,
                found: found))
        let released = found.map { ScoredRow(row: $0.row, score: $0.score) }
        guard let index = delta.index else { return released }
        let first = Int32(loaded.count)
        let later = try index.search(vector, k: wish.limit, filter: laterFilter(wish))
            .map { ScoredRow(row: $0.row + first, score: $0.score) }
        return Array((released + later).sorted { ($0.score, $1.row) > ($1.score, $0.row) }.prefix(wish.limit))
    }

    /// The interests of a user, which are not computed before they are asked for.
    func interests(of user: any PreparedUser) throws -> UserInterests {
        guard let interests = try own(user).interests else { throw ServingError.foreignPreparedUser }
        return interests
    }

    /// Which rows of the release a search may give.
    func releasedFilter(_ wish: RetrievalWish) -> IndexFilter? {
        guard let categories = wish.categories else {
            var blocked = delta.blocked
            for row in wish.excluded { blocked.insert(row) }
            return blocked.isEmpty ? nil : .blocking(blocked)
        }
        var allowed = loaded.categoryRows.union(categories)
        allowed.subtract(delta.blocked)
        for row in wish.excluded { allowed.remove(row) }
        return .allowing(allowed)
    }

    /// Which places of the delta a search may give.
    func laterFilter(_ wish: RetrievalWish) -> IndexFilter {
        let first = Int32(loaded.count)
        var blocked = delta.retired
        for row in wish.excluded where row >= first { blocked.insert(row - first) }
        guard let categories = wish.categories else { return .blocking(blocked) }
        let members = (0..<blocked.universe).lazy.filter { place in
            !blocked.contains(Int32(place)) && self.delta.columns.categories(place).contains(where: categories.contains)
        }
        return .allowing(RowSet(universe: blocked.universe, rows: members.map(Int32.init)))
    }

    package func score(
        _ user: any PreparedUser, rows: [Int32], cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        try score(user, rows: rows, recent: nil, cancellation: cancellation)
    }

    package func score(
        _ user: any PreparedUser, rows: [Int32], recent: [RecentCounts]?, cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        let prepared = try own(user)
        let bundle = loaded.bundle
        guard let ranker = bundle.ranker, let context = prepared.context else {
            return HeadScores(probabilities: [], headCount: 0)
        }
        let unread = recent == nil ? bundle.map.windowedLayout?.empty[...] : nil
        let recentOfRow = Dictionary(zip(rows, (recent ?? []).map(\.values)), uniquingKeysWith: { first, _ in first })
        try ranker.makeProducts(of: context, forRows: rows.count)
        let parts = RankerEnsemble.parts(ofRows: rows.count, threads: 1 + cancellation.idleThreads)
        let probabilities = try cancellation.shared(parts.count) { [self] part in
            try prepared.history.lend { history in
                let counters = delta.later.counters
                let past = counters.past(history)
                return try ranker.probabilities(
                    context: context, items: Array(rows[parts[part]]), later: delta.later,
                    columns: bundle.map.counterLayout.columns,
                    counters: { item, output in
                        counters.write(past: past, item: item, at: prepared.moment, into: output)
                        guard let values = recentOfRow[item] ?? unread else { return }
                        let offset = bundle.map.counterLayout.windowOffset
                        for (column, value) in values.enumerated() { output[offset + column] = value }
                    },
                    check: cancellation.check)
            }
        }
        return HeadScores(
            probabilities: bundle.served(Array(probabilities.joined())), headCount: heads.count)
    }

    private func own(_ user: any PreparedUser) throws -> Prepared {
        guard let prepared = user as? Prepared, prepared.snapshot == ObjectIdentifier(self),
            prepared.releaseID == stamp.releaseID
        else {
            throw ServingError.foreignPreparedUser
        }
        return prepared
    }
}
