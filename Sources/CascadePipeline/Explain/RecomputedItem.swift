/// What the release of a slate makes of an item that no source had brought, computed again for an explanation.
///
/// The user is known as of the slate's moment: what was logged since is left out, what was deleted since is missing, and events that the
/// request told of its session are kept nowhere.
package struct RecomputedItem: Hashable, Sendable, Codable {
    /// Whether the item may be shown now.
    package enum State: String, Hashable, Sendable, Codable {
        case shown, hidden, deleted
        /// The release does not know it.
        case unknown
    }

    /// Where the item stands in the two-tower search.
    package struct Retrieval: Hashable, Sendable, Codable {
        /// Its score.
        package var score: Float
        /// Its place among all items that may be shown, compared exactly, from 0.
        package var rank: Int
        /// How many items there are.
        package var of: Int
        /// The place and the score of the last item that the search brought for the slate; nil where it brought none.
        package var cutRank: Int?
        package var cutScore: Float?

        package init(score: Float, rank: Int, of: Int, cutRank: Int?, cutScore: Float?) {
            self.score = score
            self.rank = rank
            self.of = of
            self.cutRank = cutRank
            self.cutScore = cutScore
        }

        private enum CodingKeys: String, CodingKey {
            case score, rank, of
            case cutRank = "cut_rank"
            case cutScore = "cut_score"
        }
    }

    package var releaseID: String
    package var state: State
    /// nil for a user of whom neither a history nor attributes tell, and for an item that is not searched.
    package var retrieval: Retrieval?
    /// The ranker's probabilities by feedback signal, and the values of its value heads.
    package var heads: [String: Float]
    /// Sum of factor times probability; nil where there is no ranker.
    package var weightedScore: Double?

    package init(
        releaseID: String, state: State, retrieval: Retrieval? = nil, heads: [String: Float] = [:],
        weightedScore: Double? = nil
    ) {
        self.releaseID = releaseID
        self.state = state
        self.retrieval = retrieval
        self.heads = heads
        self.weightedScore = weightedScore
    }

    private enum CodingKeys: String, CodingKey {
        case state, retrieval, heads
        case releaseID = "release_id"
        case weightedScore = "weighted_score"
    }
}

/// Why an item's standing cannot be computed again.
package enum NotRecomputed: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing is served.
    case noRelease
    /// Another release is served than that of the slate.
    case otherRelease(made: String, served: String)
    /// Nobody knows who the slate was for.
    case anonymous
    /// The user, or what they did, cannot be read, or the release cannot compute it.
    case unavailable(String)

    package var description: String {
        switch self {
        case .noRelease: "no release is served"
        case .otherRelease(let made, let served): "release \(made) made the slate, and \(served) is served now"
        case .anonymous: "the slate was for an anonymous visitor, of whom nothing is kept"
        case .unavailable(let reason): reason
        }
    }
}
