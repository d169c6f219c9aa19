/// How a slate came to be: every component run, and what became of every candidate. Encodes as JSON for `explain`.
package struct PipelineTrace: Hashable, Sendable, Codable {
    /// Names the request.
    package var requestID: String
    /// Names the slate.
    package var recommendationID: String
    /// The user in clear, so that a trace can be found for, and deleted with, its user.
    package var userID: String?
    /// RFC 3339.
    package var generatedAt: String
    /// The pipeline's name.
    package var pipeline: String
    /// What was served.
    package var release: ReleaseStamp?
    /// The arm of each A/B test that served it; nil for none.
    package var experiment: [String: String]?
    /// The request's own words about the occasion.
    package var context: [String: String]
    /// How many events of its session the request told; nil for none.
    package var sessionEvents: Int?
    /// Items that were asked for.
    package var requested: Int
    /// Items of the answer.
    package var returned: Int
    /// Which fallback made the slate; nil for none.
    package var fallback: FallbackReason?
    /// Why the slate is short; nil for a full one.
    package var underfillCause: UnderfillCause?
    /// What was missing.
    package var degraded: [Degradation]
    /// How many refill rounds were needed after the first.
    package var refillRounds: Int
    /// The heads in the order in which the score sums them; nil in traces of versions before this was written.
    package var heads: [String]?
    /// The factor of each head in the weighted score.
    package var weights: [String: Double]
    /// The version of `HeadFactors` that they have part in; nil for none.
    package var factorsVersion: Int?
    /// How mixed the slate had to be; nil in traces of versions before this was written.
    package var diversity: DiversitySettings?
    /// What of the slate was left to chance; nil for nothing.
    package var exploration: ExplorationTrace?
    /// How many known items were kept out of the two-tower search, by the filter that would remove them.
    package var excludedBeforeRetrieval: [String: Int]
    /// Milliseconds from the start to the slate.
    package var latencyMS: Double
    /// The component runs in the order in which they ended.
    package var stages: [StageReport]
    /// Every candidate once: the slate in order, then the rest by descending score, then the removed ones.
    package var candidates: [CandidateTrace]
}

/// What the chance in a slate started from: with it the same candidates give the same slate.
package struct ExplorationTrace: Hashable, Sendable, Codable {
    package var temperature: Double
    package var epsilon: Double
    package var top: Int
    /// Decimal digits: a JSON number of 64 bits is more than some readers hold.
    package var seed: String

    package init(_ settings: ExplorationSettings, seed: UInt64) {
        temperature = settings.temperature
        epsilon = settings.epsilon
        top = settings.top
        self.seed = String(seed)
    }

    /// The settings as the slate was made with.
    package var settings: ExplorationSettings {
        ExplorationSettings(temperature: temperature, epsilon: epsilon, top: top)
    }
}

/// The versions that made a slate.
package struct ReleaseStamp: Hashable, Sendable, Codable {
    /// The release as a whole.
    package var releaseID: String
    /// The two-tower model.
    package var retrievalVersion: String
    /// The ranker; nil in a release without one.
    package var rankerVersion: String?
    /// The index over the item vectors.
    package var indexVersion: String
    /// SHA-256 of the configuration that it was made with.
    package var configHash: String

    package init(
        releaseID: String, retrievalVersion: String, rankerVersion: String?, indexVersion: String, configHash: String
    ) {
        self.releaseID = releaseID
        self.retrievalVersion = retrievalVersion
        self.rankerVersion = rankerVersion
        self.indexVersion = indexVersion
        self.configHash = configHash
    }
}

/// What happened to one candidate.
package struct CandidateTrace: Hashable, Sendable, Codable {
    /// The item's identifier.
    package var itemID: String
    /// The item's row in the release, by which ties are settled; nil in traces of versions before this was written.
    package var row: Int32?
    /// The codes of creator and categories in the release; nil for none, and in traces of versions that wrote them only
    /// where the slate had to be mixed by them.
    package var creator: Int32?
    package var categories: [Int32]?
    /// The sources that brought it.
    package var sources: [SourceMark]
    /// The score of the two-tower search; nil when only other sources brought the item.
    package var retrievalScore: Float?
    /// The ranker's probabilities by feedback signal; empty when it did not score the item.
    package var heads: NamedScores
    /// Sum of factor times probability; nil when it was never scored or is not finite.
    package var weightedScore: Double?
    /// What diversity left of the score.
    package var diversityMultiplier: Double?
    /// What the slate is ordered by.
    package var finalScore: Double?
    /// Place in the slate; nil for an item that is not in it.
    package var position: Int?
    /// The filter that removed it.
    package var removedBy: String?
    /// The stage of that filter.
    package var removedStage: StageKind?
    /// The probability with which the item got its position, given those before it; nil for one that was not shown.
    package var propensity: Double?

    package init(
        itemID: String, row: Int32? = nil, creator: Int32? = nil, categories: [Int32]? = nil,
        sources: [SourceMark] = [], retrievalScore: Float? = nil,
        heads: NamedScores = [:],
        weightedScore: Double? = nil, diversityMultiplier: Double? = nil, finalScore: Double? = nil,
        position: Int? = nil, removedBy: String? = nil, removedStage: StageKind? = nil, propensity: Double? = nil
    ) {
        self.itemID = itemID
        self.row = row
        self.creator = creator
        self.categories = categories
        self.sources = sources
        self.retrievalScore = retrievalScore
        self.heads = heads
        self.weightedScore = weightedScore
        self.diversityMultiplier = diversityMultiplier
        self.finalScore = finalScore
        self.position = position
        self.removedBy = removedBy
        self.removedStage = removedStage
        self.propensity = propensity
    }
}
