package import CascadeCore

/// What a caller asks for: a slate of items for one user; the members are those of `POST /v1/recommendations`.
package struct RecommendRequest: Hashable, Sendable {
    /// The user; nil asks for an anonymous visitor, who without `events` gets the cold-start slate.
    package var userID: UserID?
    /// How many items to give; nil takes the default of the settings.
    package var limit: Int?
    /// Free words about the occasion, such as `surface` or `device`; they go to the trace and change no score.
    package var context: [String: String]
    /// What may be shown.
    package var filters: Filters
    /// How mixed the slate shall be.
    package var diversity: Diversity
    /// What each item of the answer carries beyond its identifier and position.
    package var include: Set<Include>
    /// Asks for the trace in the answer and for every component line in the log.
    package var debug: Bool
    /// What the visitor did, in the order in which it happened; it is laid over what is known of the user.
    package var events: [SessionEvent]
    /// What heads count for in this request alone, by their names; others count as they do.
    package var weights: [String: Double]
    /// The release that shall answer; nil takes the active one, or that of the user's arm.
    package var releaseID: String?
    /// Fixes the random choices made for this request; nil derives them from the request's identifier.
    package var seed: UInt64?
    /// What earlier pages of the slate have shown; no member of a request's body.
    package var shownBefore: [ItemID] = []

    package init(
        userID: UserID?, limit: Int? = nil, context: [String: String] = [:], filters: Filters = Filters(),
        diversity: Diversity = Diversity(), include: Set<Include> = Include.usual, debug: Bool = false,
        events: [SessionEvent] = [], weights: [String: Double] = [:], releaseID: String? = nil, seed: UInt64? = nil
    ) {
        self.userID = userID
        self.limit = limit
        self.context = context
        self.filters = filters
        self.diversity = diversity
        self.include = include
        self.debug = debug
        self.events = events
        self.weights = weights
        self.releaseID = releaseID
        self.seed = seed
    }

    /// What may be shown.
    package struct Filters: Hashable, Sendable {
        /// Only items of at least one of these categories; empty allows all.
        package var categoriesAny: [String]
        /// Never these items.
        package var excludeItemIDs: [ItemID]
        /// Leaves out what the user was shown or acted on.
        package var excludeSeen: Bool
        /// Only items created at most so long ago; items without a time of creation are left out then.
        package var maxAgeSeconds: Double?

        package init(
            categoriesAny: [String] = [], excludeItemIDs: [ItemID] = [], excludeSeen: Bool = true,
            maxAgeSeconds: Double? = nil
        ) {
            self.categoriesAny = categoriesAny
            self.excludeItemIDs = excludeItemIDs
            self.excludeSeen = excludeSeen
            self.maxAgeSeconds = maxAgeSeconds
        }
    }

    /// How mixed the slate shall be; a nil member takes the settings' value.
    package struct Diversity: Hashable, Sendable {
        /// What the score of each further item of one creator keeps of the step before, in 0...1.
        package var creatorDecay: Double?
        /// What a score keeps at least, in 0...1.
        package var creatorFloor: Double?
        /// At most so many items of one creator; 0 removes the cap of the settings.
        package var maxPerCreator: Int?
        /// At most so many items of one category; 0 removes the cap of the settings.
        package var maxPerCategory: Int?

        package init(
            creatorDecay: Double? = nil, creatorFloor: Double? = nil, maxPerCreator: Int? = nil,
            maxPerCategory: Int? = nil
        ) {
            self.creatorDecay = creatorDecay
            self.creatorFloor = creatorFloor
            self.maxPerCreator = maxPerCreator
            self.maxPerCategory = maxPerCategory
        }
    }

    /// A part of an answered item that a caller may ask for.
    package enum Include: String, Hashable, Sendable, CaseIterable {
        /// `score`, `heads` and `sources`.
        case scores
        /// `reasons`.
        case reasons
        /// `attributes`: what the catalog knows of the item.
        case attributes

        /// What an answer carries when the caller names nothing.
        package static let usual: Set<Include> = [.scores, .reasons]
    }
}

/// What a request brings besides its body.
package struct RequestContext: Hashable, Sendable {
    /// Names the request in log lines and traces.
    package var requestID: String
    /// How long the answer may take; nil takes `PipelineSettings.timeoutMilliseconds`, whichever is less counts.
    package var timeout: Duration?
    /// The trace over several services that the request is part of, for log lines; nil for none.
    package var traceID: String?
    /// The arms of A/B tests that the pipeline which answers stands for.
    package var experiments: [ExperimentArm]

    package init(
        requestID: String, timeout: Duration? = nil, traceID: String? = nil, experiments: [ExperimentArm] = []
    ) {
        self.requestID = requestID
        self.timeout = timeout
        self.traceID = traceID
        self.experiments = experiments
    }
}
