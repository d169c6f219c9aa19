package import CascadeCore

/// A store of feedback whose logs are read through a cache: what trainings, evaluations and experiments read from.
package struct CachedFeedback: FeedbackStore {
    private let base: any FeedbackStore
    private let cache: any InteractionCache

    package init(_ base: any FeedbackStore, _ cache: any InteractionCache) {
        self.base = base
        self.cache = cache
    }

    package func interactions(
        in period: Period, timed: Bool, values signals: [String], cache other: (any InteractionCache)?
    ) async throws -> InteractionLog {
        try await base.interactions(in: period, timed: timed, values: signals, cache: other ?? cache)
    }

    package func append(_ events: [Event]) async throws -> AppendResult { try await base.append(events) }

    package func append(_ impressions: [Impression]) async throws -> AppendResult {
        try await base.append(impressions)
    }

    package func history(of user: UserID, before: Timestamp?, limit: Int) async throws -> [HistoryEntry] {
        try await base.history(of: user, before: before, limit: limit)
    }

    package func seenItems(of user: UserID, limit: Int) async throws -> [ItemID] {
        try await base.seenItems(of: user, limit: limit)
    }

    package func events(
        of user: UserID, type: String?, after place: EventPlace?, limit: Int
    ) async throws -> [Event] {
        try await base.events(of: user, type: type, after: place, limit: limit)
    }
}
