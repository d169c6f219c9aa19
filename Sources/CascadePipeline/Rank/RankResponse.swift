package import CascadeCore

/// The answer to a `RankRequest`: every item of the request once.
package struct RankResponse: Hashable, Sendable {
    /// Names the ranked list (`rec_…`) in impressions, events, log lines and traces.
    package var recommendationID: String
    package var userID: UserID?
    /// nil when no release was active.
    package var releaseID: String?
    package var generatedAt: Timestamp
    /// Ranked items first, best first; then those without a score, removed ones and unknown ones, each in the caller's order.
    package var items: [RankedItem]
    /// Whether something other than the user's own taste decided the order, and why.
    package var fallback: RecommendResponse.Fallback
    package var degraded: [Degradation]
    package var timingsMS: RecommendResponse.Timings
    /// Only for requests with `debug`.
    package var trace: PipelineTrace?

    package init(
        recommendationID: String, userID: UserID?, releaseID: String?, generatedAt: Timestamp, items: [RankedItem],
        fallback: RecommendResponse.Fallback, degraded: [Degradation], timingsMS: RecommendResponse.Timings,
        trace: PipelineTrace? = nil
    ) {
        self.recommendationID = recommendationID
        self.userID = userID
        self.releaseID = releaseID
        self.generatedAt = generatedAt
        self.items = items
        self.fallback = fallback
        self.degraded = degraded
        self.timingsMS = timingsMS
        self.trace = trace
    }
}

/// One item of a ranked list.
package struct RankedItem: Hashable, Sendable {
    /// What became of an item.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        /// The ranker gave it its place.
        case ranked
        /// Nothing scored it: the ranker failed, was late, gave no number, or there is none.
        case unranked
        /// It must not be shown to the user; `removedBy` says by which filter.
        case removed
        /// Neither the release nor what came since knows it.
        case unknownItem = "unknown_item"
    }

    package var itemID: ItemID
    /// Place in the answer, from 0.
    package var position: Int
    package var status: Status
    /// The weighted sum of the heads.
    package var score: Double?
    /// The ranker's probability of each feedback signal.
    package var heads: [String: Float]?
    /// The filter that removed it.
    package var removedBy: String?
    /// What the catalog knows of it; only where it was asked for and could be read.
    package var attributes: Item?

    package init(
        itemID: ItemID, position: Int, status: Status, score: Double? = nil, heads: [String: Float]? = nil,
        removedBy: String? = nil, attributes: Item? = nil
    ) {
        self.itemID = itemID
        self.position = position
        self.status = status
        self.score = score
        self.heads = heads
        self.removedBy = removedBy
        self.attributes = attributes
    }
}
