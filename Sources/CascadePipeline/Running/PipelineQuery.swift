package import CascadeCore

/// A request with all that is known about it; components read it, query hydrators add to it by `QueryPatch`.
package struct PipelineQuery: Sendable {
    /// The request as it was asked.
    package let request: RecommendRequest
    /// Names the request.
    package let requestID: String
    /// Names the slate.
    package let recommendationID: String
    /// The release that the whole request is answered from.
    package let release: any ReleaseView
    /// The release's catalog, taken once: components ask it for every row.
    package let catalog: any CatalogView
    /// When the request began.
    package let now: Timestamp
    /// The same by the pipeline's clock, in nanoseconds.
    let started: UInt64
    /// How many items are asked for.
    package let size: Int
    /// What random choices of this request start from.
    package let seed: UInt64
    /// Until when the stages may take.
    let shares: TimeShares
    /// The request's own wishes over those of the settings.
    package let diversity: DiversitySettings
    /// The arms of A/B tests that serve it.
    package let experiments: [ExperimentArm]
    /// The heads of the ranker with what they count for.
    package let factors: [HeadWeight]
    /// What of the slate is left to chance.
    package let exploration: ExplorationSettings
    /// Rows of `exclude_item_ids`.
    package let excluded: Set<Int32>
    /// Rows of what earlier pages have shown.
    package let shownBefore: Set<Int32>
    /// Codes of `categories_any`; nil when the request names none, empty when it names only unknown ones.
    package let categories: Set<Int32>?

    /// The user's attributes; nil when unknown or unread.
    package var user: User?
    /// Whether the user was looked up and does not exist.
    package var userIsMissing = false
    /// Newest first.
    package var history: [HistoryEntry] = []
    /// Whether the history that was read is all there is of the user's past, so that it named every item that the user was shown.
    package var historyIsWhole = false
    /// The user as the models see one; nil until encoded.
    package var prepared: (any PreparedUser)?
    /// Rows that the user was shown or acted on; empty when the request allows them.
    package var seen: Set<Int32> = []
    /// Rows that the user asked never to see.
    package var hiddenByUser: Set<Int32> = []
    /// Creators that the user follows, the latest first; empty when no source asks for them.
    package var followed: [String] = []

    init(run: RequestRun, release: any ReleaseView, settings: PipelineSettings) {
        request = run.request
        requestID = run.requestID
        recommendationID = run.recommendationID
        self.release = release
        catalog = release.catalog
        now = run.now
        started = run.started
        size = run.size
        seed = run.seed
        shares = run.shares
        diversity = settings.diversity.overridden(by: run.request.diversity)
        experiments = run.experiments
        factors = ScoreWeights.factors(of: release, settings: settings, wanted: run.request.weights)
        exploration = settings.exploration
        let filters = run.request.filters
        excluded = Set(filters.excludeItemIDs.compactMap { release.catalog.row(of: $0) })
        shownBefore = Set(run.request.shownBefore.compactMap { release.catalog.row(of: $0) })
        categories =
            filters.categoriesAny.isEmpty
            ? nil : Set(filters.categoriesAny.compactMap { release.catalog.categoryCode($0) })
    }

    /// The user as the release encodes one.
    package var userState: UserState {
        UserState(userID: request.userID, user: user, history: history, now: now)
    }

    /// Rows that are known to be filtered out, so that sources need not spend their limit on them.
    package var knownRemoved: Set<Int32> { seen.union(hiddenByUser).union(excluded).union(shownBefore) }

    /// Why the user is served without a taste of their own; nil for one with a history.
    package var coldStart: FallbackReason? {
        if history.isEmpty { return request.userID == nil || userIsMissing ? .unknownUser : .noHistory }
        if let prepared, prepared.historyCount == 0 { return .noHistory }
        return nil
    }

    /// Whether the retrieval model can search for the user: by a past, or without one by what is known of the user otherwise.
    var isTold: Bool { coldStart == nil || prepared?.isToldByAttributes == true }

    /// The rows of the last items that the user gave the positive signal, the latest first, each once.
    func likedRows(limit: Int) -> [Int32] {
        guard let signal = release.relations.positiveSignal else { return [] }
        var rows: [Int32] = []
        for entry in history where entry.signals.contains(signal) {
            guard rows.count < limit else { break }
            if let row = catalog.row(of: entry.itemID), !rows.contains(row) { rows.append(row) }
        }
        return rows
    }

    /// Lays what the request itself tells of the visitor over what was read.
    mutating func addSession(limit: Int) {
        let session = request.events.steps(at: now)
        history = history.adding(session, limit: limit)
        if request.filters.excludeSeen { seen.formUnion(session.compactMap { catalog.row(of: $0.itemID) }) }
    }

    /// How long a stage may still take; zero when its time is over.
    func remaining(_ clock: PipelineClock, for stage: StageKind) -> Duration {
        let (now, end) = (clock.nanoseconds(), shares.end(of: stage))
        return now < end ? .nanoseconds(Int64(clamping: end - now)) : .zero
    }
}

/// What a query hydrator found out; nil members change nothing.
package struct QueryPatch: Sendable {
    /// The user; `.some(nil)` when there is none of that identifier.
    package var user: User??
    /// Newest first.
    package var history: [HistoryEntry]?
    /// Whether that is all there is of the user's past.
    package var historyIsWhole: Bool?
    /// The user as the models see one; nil until encoded.
    package var prepared: (any PreparedUser)?
    /// Rows to add to the seen ones.
    package var seen: Set<Int32>?
    /// Rows to add to those the user hid.
    package var hiddenByUser: Set<Int32>?
    /// Creators that the user follows, the latest first.
    package var followed: [String]?

    package init() {}

    func apply(to query: inout PipelineQuery) {
        if let user {
            query.user = user
            query.userIsMissing = user == nil
        }
        if let history { query.history = history }
        if let historyIsWhole { query.historyIsWhole = historyIsWhole }
        if let prepared { query.prepared = prepared }
        if let seen { query.seen.formUnion(seen) }
        if let hiddenByUser { query.hiddenByUser.formUnion(hiddenByUser) }
        if let followed { query.followed = followed }
    }
}

extension DiversitySettings {
    /// Whether a cap by creator or category holds.
    package var isCapped: Bool { maxPerCreator > 0 || maxPerCategory > 0 }

    /// Whether it makes a difference who made an item.
    var looksAtCreators: Bool { maxPerCreator > 0 || creatorDecay < 1 }

    func overridden(by wish: RecommendRequest.Diversity) -> DiversitySettings {
        var result = self
        if let value = wish.maxPerCreator { result.maxPerCreator = value }
        if let value = wish.maxPerCategory { result.maxPerCategory = value }
        if let value = wish.creatorDecay { result.creatorDecay = value }
        if let value = wish.creatorFloor { result.creatorFloor = value }
        return result
    }
}
