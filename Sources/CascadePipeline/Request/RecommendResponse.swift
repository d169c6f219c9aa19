package import CascadeCore

/// The answer to a `RecommendRequest`; encodes as the body of `POST /v1/recommendations`.
package struct RecommendResponse: Hashable, Sendable {
    /// Names the slate (`rec_…`); identifiers made later sort after it. Impressions and events refer to it.
    package var recommendationID: String
    /// The user of the request; nil for an anonymous visitor.
    package var userID: UserID?
    /// The release that was served; nil when none was active.
    package var releaseID: String?
    /// When the request began.
    package var generatedAt: Timestamp
    /// The slate in order.
    package var items: [RecommendedItem]
    /// Whether a fallback made the slate.
    package var fallback: Fallback
    /// Whether the slate is short.
    package var underfilled: Underfilled
    /// What was missing while the slate was made, such as `history_unavailable`; empty when all went well.
    package var degraded: [Degradation]
    /// Where the time went.
    package var timingsMS: Timings
    /// The arm of each A/B test that served the user; nil for none.
    package var experiment: [String: String]?
    /// Where the next page is, where the server offers one.
    package var next: String?
    /// How the slate came to be; only for requests with `debug`.
    package var trace: PipelineTrace?

    package init(
        recommendationID: String, userID: UserID?, releaseID: String?, generatedAt: Timestamp,
        items: [RecommendedItem], fallback: Fallback, underfilled: Underfilled, degraded: [Degradation],
        timingsMS: Timings, experiment: [String: String]? = nil, next: String? = nil, trace: PipelineTrace? = nil
    ) {
        self.recommendationID = recommendationID
        self.userID = userID
        self.releaseID = releaseID
        self.generatedAt = generatedAt
        self.items = items
        self.fallback = fallback
        self.underfilled = underfilled
        self.degraded = degraded
        self.timingsMS = timingsMS
        self.experiment = experiment
        self.next = next
        self.trace = trace
    }

    /// Whether something other than the user's own taste decided the slate, and why.
    package struct Fallback: Hashable, Sendable {
        /// Whether a fallback made the slate.
        package var used: Bool
        /// nil when none was used.
        package var reason: FallbackReason?

        package init(reason: FallbackReason? = nil) {
            used = reason != nil
            self.reason = reason
        }
    }

    /// How many items were asked for and given; `cause` tells why they are fewer.
    package struct Underfilled: Hashable, Sendable {
        /// Items that were asked for.
        package var requested: Int
        /// Items of the answer.
        package var returned: Int
        /// nil for a full slate.
        package var cause: UnderfillCause?

        package init(requested: Int, returned: Int, cause: UnderfillCause? = nil) {
            self.requested = requested
            self.returned = returned
            self.cause = cause
        }
    }

    /// Milliseconds that the request and its two costly parts took.
    package struct Timings: Hashable, Sendable, Codable {
        /// The whole request.
        package var total: Double
        /// All rounds of the sources.
        package var retrieve: Double
        /// All rounds of the scorer.
        package var rank: Double

        package init(total: Double = 0, retrieve: Double = 0, rank: Double = 0) {
            self.total = total
            self.retrieve = retrieve
            self.rank = rank
        }
    }
}

/// Why a slate was not made in the usual way.
package enum FallbackReason: String, Hashable, Sendable, Codable, CaseIterable {
    case unknownUser = "unknown_user"
    case noHistory = "no_history"
    case noActiveRelease = "no_active_release"
    case retrievalTimeout = "retrieval_timeout"
    case retrievalError = "retrieval_error"
    case rankerError = "ranker_error"
}

/// Why a slate is shorter than asked for.
package enum UnderfillCause: String, Hashable, Sendable, Codable, CaseIterable {
    /// Every item of the catalog that may be shown to the user is in the slate.
    case catalogExhausted = "catalog_exhausted"
    /// The request's own filters (categories, age, excluded items) left no more.
    case filters
    /// Sources failed, so that not all items were looked at.
    case sourceErrors = "source_errors"
    /// Time ran out before the slate was full.
    case deadline
}

/// Something that was missing while a slate was made.
package enum Degradation: String, Hashable, Sendable, Codable, CaseIterable {
    case userUnavailable = "user_unavailable"
    case historyUnavailable = "history_unavailable"
    /// The history could not be read, so the last known one was taken.
    case historyStale = "history_stale"
    /// The creators that the user follows could not be read.
    case followsUnavailable = "follows_unavailable"
    /// The seen items could not be read, so some may be shown again.
    case seenUnavailable = "seen_unavailable"
    /// The seen items could not be read, so those that were known last were taken.
    case seenStale = "seen_stale"
    /// The items the user hid could not be read.
    case hiddenUnavailable = "hidden_unavailable"
    /// The items the user hid could not be read, so those that were known last were taken.
    case hiddenStale = "hidden_stale"
    /// The model could not encode the user.
    case encodingFailed = "encoding_failed"
    /// A source was late and left out.
    case sourceTimeout = "source_timeout"
    /// A source failed and was left out.
    case sourceError = "source_error"
    case rankerTimeout = "ranker_timeout"
    case rankerError = "ranker_error"
    /// Scores that were not finite; the items sank to the end.
    case nonFiniteScores = "non_finite_scores"
    /// A hydrator or a filter failed and was passed over.
    case componentError = "component_error"
    /// Too few items kept the caps by creator or category, so the caps were relaxed.
    case capsRelaxed = "caps_relaxed"
    /// What is counted over windows of time could not be read, so the last known was taken.
    case countersStale = "counters_stale"
    /// The items' attributes could not be read.
    case attributesUnavailable = "attributes_unavailable"
    /// The live state of the items could not be read, so one hidden a moment ago may be shown.
    case liveStateUnavailable = "live_state_unavailable"
}
